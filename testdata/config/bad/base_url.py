_base_ = 'https://example.com/base.py'
