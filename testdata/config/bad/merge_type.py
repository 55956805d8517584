_base_ = '../bases/model.py'
model = dict(type=dict(name='A'))
