default_scope = 'mmyolo'
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50))
env_cfg = dict(cudnn_benchmark=True)
log_level = 'INFO'
resume = False
