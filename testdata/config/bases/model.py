deepen_factor = 0.33
strides = [8, 16, 32]
model = dict(
    type='YOLODetector',
    backbone=dict(type='Darknet', deepen_factor=deepen_factor, out_indices=(2, 3, 4)),
    neck=dict(type='PAFPN', in_channels=[256, 512], init_cfg=None),
    head=dict(type='Head', head_module=dict(type='Module', num_classes=80)))
train_pipeline = [dict(type='Load'), dict(type='Mosaic', scale=(640, 640)), dict(type='Pack')]
optim = dict(lr=0.1, paramwise=dict(norm_decay=0.0, _delete_=True))
