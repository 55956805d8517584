_base_ = './circular_back.py'
