data = '{{$YOLOPORT_TEST_UNSET: }}'
