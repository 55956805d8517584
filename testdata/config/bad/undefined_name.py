num_classes = 80
head = dict(classes=num_clases)
