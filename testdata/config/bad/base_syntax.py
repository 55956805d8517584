_base_ = './missing_value.py'
