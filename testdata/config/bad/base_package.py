_base_ = 'mmrazor::_base_/supernet.py'
