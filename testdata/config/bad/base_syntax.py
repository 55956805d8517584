_base_ = './def.py'
