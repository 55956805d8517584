_base_ = ['../bases/model.py', '../inherit.py']
