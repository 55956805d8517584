_base_ = './circular.py'
