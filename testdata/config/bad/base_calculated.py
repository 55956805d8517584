folder = '../bases'
_base_ = folder + '/model.py'
