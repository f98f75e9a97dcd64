/* Chance in parts per billion that outcome `row` is read as `column`. */
extern const unsigned confusion[4][4];
extern const char device_name[];
