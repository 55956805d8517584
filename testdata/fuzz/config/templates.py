# MMEngine's textual substitutions.
_base_ = 'bases/model.py'
work_dir = './work_dirs/{{ fileBasenameNoExtension }}/{{fileBasename}}'
extension = '{{fileExtname}}'
classes = {{'$YOLOPORT_TEST_UNSET_NUMBER:80'}}
data_root = '{{$YOLOPORT_TEST_UNSET:data/coco}}/images'
twice = ['{{$YOLOPORT_TEST_UNSET:data/coco}}', '{{ $YOLOPORT_TEST_UNSET:data/coco }}']
strides = {{ _base_.strides }}
head = dict(module={{_base_.model.head.head_module}}, tail=[{{ _base_.deepen_factor }}, ({{_base_.strides}}, )])
