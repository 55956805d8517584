_base_ = '../bases/model.py'
x = 'a {{ _base_.strides }}'
