default_scope = 'mmyolo'
metainfo = dict(
    classes=(
        'bolt',
        'nut',
        'washer',
        'gear',
        'spring',
    ),
    palette=[
        (
            220,
            20,
            60,
        ),
        (
            119,
            11,
            32,
        ),
        (
            0,
            0,
            142,
        ),
        (
            0,
            0,
            230,
        ),
        (
            106,
            0,
            228,
        ),
    ])
model = dict(
    backbone=dict(
        act_cfg=dict(inplace=True, type='SiLU'),
        deepen_factor=0.33,
        norm_cfg=dict(eps=0.001, momentum=0.03, type='BN'),
        out_indices=(
            2,
            3,
            4,
        ),
        spp_kernal_sizes=(
            5,
            9,
            13,
        ),
        type='YOLOXCSPDarknet',
        widen_factor=0.03125),
    bbox_head=dict(
        head_module=dict(
            act_cfg=dict(inplace=True, type='SiLU'),
            feat_channels=256,
            featmap_strides=(
                8,
                16,
                32,
            ),
            in_channels=256,
            norm_cfg=dict(eps=0.001, momentum=0.03, type='BN'),
            num_classes=5,
            stacked_convs=2,
            type='YOLOXHeadModule',
            use_depthwise=False,
            widen_factor=0.03125),
        loss_bbox=dict(
            eps=1e-16,
            loss_weight=5.0,
            mode='square',
            reduction='sum',
            type='mmdet.IoULoss'),
        loss_bbox_aux=dict(
            loss_weight=1.0, reduction='sum', type='mmdet.L1Loss'),
        loss_cls=dict(
            loss_weight=1.0,
            reduction='sum',
            type='mmdet.CrossEntropyLoss',
            use_sigmoid=True),
        loss_obj=dict(
            loss_weight=1.0,
            reduction='sum',
            type='mmdet.CrossEntropyLoss',
            use_sigmoid=True),
        test_cfg=dict(
            max_per_img=300,
            multi_label=True,
            nms=dict(iou_threshold=0.65, type='nms'),
            score_thr=0.001,
            yolox_style=True),
        train_cfg=dict(
            assigner=dict(
                center_radius=2.5,
                iou_calculator=dict(type='mmdet.BboxOverlaps2D'),
                type='mmdet.SimOTAAssigner')),
        type='YOLOXHead'),
    data_preprocessor=dict(
        batch_augments=[
            dict(
                interval=1,
                random_size_range=(
                    320,
                    640,
                ),
                size_divisor=32,
                type='YOLOXBatchSyncRandomResize'),
        ],
        pad_size_divisor=32,
        type='YOLOv5DetDataPreprocessor'),
    init_cfg=None,
    neck=dict(
        act_cfg=dict(inplace=True, type='SiLU'),
        deepen_factor=0.33,
        in_channels=[
            256,
            512,
            1024,
        ],
        norm_cfg=dict(eps=0.001, momentum=0.03, type='BN'),
        out_channels=256,
        type='YOLOXPAFPN',
        widen_factor=0.03125),
    test_cfg=dict(
        max_per_img=300,
        multi_label=True,
        nms=dict(iou_threshold=0.65, type='nms'),
        score_thr=0.001,
        yolox_style=True),
    train_cfg=dict(
        assigner=dict(
            center_radius=2.5,
            iou_calculator=dict(type='mmdet.BboxOverlaps2D'),
            type='mmdet.SimOTAAssigner')),
    type='YOLODetector',
    use_syncbn=False)
test_dataloader = dict(
    batch_size=1,
    dataset=dict(
        ann_file='annotations/instances_val2017.json',
        data_prefix=dict(img='val2017/'),
        data_root='data/coco/',
        metainfo=dict(
            classes=(
                'bolt',
                'nut',
                'washer',
                'gear',
                'spring',
            ),
            palette=[
                (
                    220,
                    20,
                    60,
                ),
                (
                    119,
                    11,
                    32,
                ),
                (
                    0,
                    0,
                    142,
                ),
                (
                    0,
                    0,
                    230,
                ),
                (
                    106,
                    0,
                    228,
                ),
            ]),
        pipeline=[
            dict(backend_args=None, type='LoadImageFromFile'),
            dict(keep_ratio=True, scale=(
                416,
                416,
            ), type='mmdet.Resize'),
            dict(
                pad_to_square=True,
                pad_val=dict(img=(
                    114.0,
                    114.0,
                    114.0,
                )),
                type='mmdet.Pad'),
            dict(_scope_='mmdet', type='LoadAnnotations', with_bbox=True),
            dict(
                meta_keys=(
                    'img_id',
                    'img_path',
                    'ori_shape',
                    'img_shape',
                    'scale_factor',
                ),
                type='mmdet.PackDetInputs'),
        ],
        test_mode=True,
        type='YOLOv5CocoDataset'),
    drop_last=False,
    num_workers=2,
    persistent_workers=True,
    pin_memory=True,
    sampler=dict(shuffle=False, type='DefaultSampler'))
test_pipeline = [
    dict(backend_args=None, type='LoadImageFromFile'),
    dict(keep_ratio=True, scale=(
        416,
        416,
    ), type='mmdet.Resize'),
    dict(
        pad_to_square=True,
        pad_val=dict(img=(
            114.0,
            114.0,
            114.0,
        )),
        type='mmdet.Pad'),
    dict(_scope_='mmdet', type='LoadAnnotations', with_bbox=True),
    dict(
        meta_keys=(
            'img_id',
            'img_path',
            'ori_shape',
            'img_shape',
            'scale_factor',
        ),
        type='mmdet.PackDetInputs'),
]
