// SPDX-License-Identifier: MIT
// The fast path over field lines. This is included once for each size of block, and says what it
// does with the `Block` of the namespace around it.

/// Control bytes and DEL: HTAB, too, which is rare.
inline BlockMask ends_of_value(Block b) noexcept {
  return to_mask(either(in_range(b, 0, 0x1f), equals(b, 0x7f)));
}

/// All but letters, digits, "-" and "_": the tchars of nearly every name.
inline BlockMask ends_of_name(Block b) noexcept {
  return to_mask(negate(either(either(in_range(fold_case(b), 'a', 25), in_range(b, '0', 9)),
                               either(equals(b, '-'), equals(b, '_')))));
}

/// Where the line ends, or `end`, when no byte that no plain value has is found. `first` is the
/// block at `line`, `tail` the last whole one before `end`.
inline const char* end_of_line(const char* line, Block first, const char* tail,
                               const char* end) noexcept {
  BlockMask ends = ends_of_value(first);
  while (ends == 0) {
    line += kBlock;
    if (WEIR_UNLIKELY(line > tail)) {
      if (line >= end) return end;
      ends = ends_of_value(load_block(tail)) >> (static_cast<unsigned>(line - tail) * kMaskBits);
      return ends != 0 ? line + first_of(ends) : end;
    }
    ends = ends_of_value(load_block(line));
  }
  return line + first_of(ends);
}

/// The name in a line that begins with `block` and has its first colon at the lowest of `colons`.
/// What it says of a colon behind the line's end means nothing.
inline PlainName short_name(const char* line, Block block, BlockMask colons) noexcept {
  const std::ptrdiff_t size = first_of(colons);
  const BlockMask with_colon = up_to_first(colons);
  const KnownField id = known_field_candidate(line, static_cast<std::size_t>(size));
  const Block lower = load_block(kKnownFieldTable.texts[static_cast<std::size_t>(id)].lower);
  // No byte before the line's end is a control byte: two of them that are equal with bit 0x20 set
  // are equal but for case, if one is a letter, a digit, "-" or ":".
  const BlockMask same = to_mask(equals(fold_case(block), lower));
  if (WEIR_LIKELY((same & with_colon) == with_colon)) return {size, id};
  if (size == 0 || (ends_of_name(block) & with_colon) != (with_colon & colons)) return kNotPlain;
  return {size, KnownField::none};
}

/// Takes field lines that lie whole in the buffer and gives where the first begins that is not
/// plain. `bound`: where all of them have to end, at least a block behind the head's start; `most`:
/// how many; `longest`: bytes of one without its end.
///
/// The end of a line is looked for from the line's start, not from its colon: so the next line's
/// place does not wait for this one's name, and the CPU works on several lines at once.
[[gnu::always_inline]] inline const char* take_field_lines(const char* line, const char* end,
                                                           const char* bound, RequestHead& head,
                                                           std::size_t most,
                                                           std::size_t longest) noexcept {
  const char* const begin = head.base;
  const char* const tail = end - kBlock;
  const char* const last_end = bound - 2;
  std::size_t count = head.field_count;
  FieldIndex* field = head.fields + count;
  std::uint64_t present = head.present;
  std::uint64_t repeated = head.repeated;

  for (; count < most && line <= tail; ++count, ++field) {
    const Block block = load_block(line);
    const char* const line_end = end_of_line(line, block, tail, end);
    if (line_end > last_end || std::memcmp(line_end, "\r\n", 2) != 0) break;
    const std::ptrdiff_t size = line_end - line;
    if (static_cast<std::size_t>(size - 1) >= longest) break;  // or empty: the end of the head
    const BlockMask colons = to_mask(equals(block, ':'));
    const PlainName name =
        WEIR_LIKELY(colons != 0) ? short_name(line, block, colons) : long_name(line, line_end);
    if (WEIR_UNLIKELY(name.size >= size)) break;

    // Offsets from the line's start. A plain line has no HTAB, and the CR stops the first loop.
    std::ptrdiff_t value = name.size + 1;
    if (WEIR_LIKELY(line[value] == ' ')) ++value;
    while (WEIR_UNLIKELY(line[value] == ' ')) ++value;
    std::ptrdiff_t value_end = size;
    while (WEIR_UNLIKELY(line[value_end - 1] == ' ') && value_end != value) --value_end;

    field->name = static_cast<std::uint32_t>(line - begin);
    field->value = field->name + static_cast<std::uint32_t>(value);
    field->value_size = static_cast<std::uint32_t>(value_end - value);
    field->name_size = static_cast<std::uint16_t>(name.size);
    field->id = name.id;
    const std::uint64_t bit = bit_of(name.id);
    if (WEIR_LIKELY((present & bit) == 0))
      head.first[static_cast<std::size_t>(name.id)] = static_cast<std::uint16_t>(count);
    else
      repeated |= bit;
    present |= bit;
    line = line_end + 2;
  }
  head.field_count = static_cast<std::uint32_t>(count);
  head.present = present & ~std::uint64_t{1};  // KnownField::none
  head.repeated = repeated & ~std::uint64_t{1};
  return line;
}
