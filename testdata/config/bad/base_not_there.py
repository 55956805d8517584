_base_ = ['../bases/model.py', './not_there.py']
