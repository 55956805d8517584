_base_ = '../bases/model.py'
x = {{ _base_.model.width }}
