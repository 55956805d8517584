_base_ = './settings.yaml'
