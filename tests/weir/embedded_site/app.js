plain plain plain
