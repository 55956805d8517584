a = 'ab\xzz'
