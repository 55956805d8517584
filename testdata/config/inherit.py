# Keys are merged, replaced, deleted; values of the bases are read and changed.
_base_ = ['bases/runtime.py', './bases/model.py']

num_classes = 4
model = dict(
    backbone=dict(
        deepen_factor=_base_.deepen_factor * 2,
        frozen=dict(_delete_=True, kept='because the key is new')),
    neck=dict(_delete_=True, type='FPN', inner=dict(_delete_=True)),
    head=dict(head_module=dict(num_classes=num_classes, _delete_=False)))
default_hooks = dict(logger=dict(interval=1), saver=dict(type='Saver'))
train_pipeline = [*_base_.train_pipeline[:-1], dict(type='Flip'), _base_.train_pipeline[-1]]
mosaic = _base_.train_pipeline[1]
mosaic['scale'] = (320, 320)
first_stride = _base_.strides[0]
log_level = None
env_cfg = dict(extra=_base_.env_cfg)
resume = 'auto'
new = _base_.model.head.type
