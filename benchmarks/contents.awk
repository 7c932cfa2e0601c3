# SPDX-License-Identifier: MIT
# SPDX-License-Identifier: MIT
# Words are of different length and frequency, and some of what is printed is random, as in real content. It is
# at most one record longer than `bytes`.
function random() { return seed = seed * 16807 % 2147483647 }  # Lehmer's; exact in doubles
function below(n) { return random() % n }
# Word number i of the vocabulary comes about twice as often as number 2i.
function word() { return words[int(exp(below(1000000) / 1000000 * log(count)))] }
function some_words(n,   text) {
  text = word()
  while (--n > 0) text = text " " word()
  return text
}
function put(text) { printf "%s", text; written += length(text) }
BEGIN {
  seed = 20250101
  count = 3000
  split("a e i o u ai ea io ou", vowels, " ")
  split("b c d f g l m n p r s t v st tr pl ch th", consonants, " ")
  for (i = 1; i <= count; ++i) {
    words[i] = ""
    for (syllables = 1 + below(i < 100 ? 2 : 4); syllables > 0; --syllables)
      words[i] = words[i] consonants[1 + below(18)] vowels[1 + below(9)]
    if (below(3) == 0) words[i] = words[i] consonants[1 + below(18)]
  }
  if (kind == "json") {
    put("{\"items\":[")
    for (id = 1; written < bytes - 2; ++id)
      put(sprintf("%s{\"id\":%d,\"name\":\"%s\",\"price\":%d.%02d,\"in_stock\":%s,\"tags\":[\"%s\",\"%s\"],\"updated\":\"2025-%02d-%02dT%02d:%02d:%02dZ\"}",
                  id > 1 ? "," : "", 1000 + id, some_words(3), below(900), below(100), below(2) ? "true" : "false", word(), word(),
                  1 + below(12), 1 + below(28), below(24), below(60), below(60)))
    put("]}")
  } else if (kind == "html") {
    put("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" some_words(4) "</title></head>\n<body>\n<main>\n")
    for (id = 1; written < bytes - 24; ++id)
      put(sprintf("<article class=\"card card-%d\" id=\"item-%d\">\n  <h2><a href=\"/items/%d/%s\">%s</a></h2>\n  <p class=\"summary\">%s.</p>\n  <ul class=\"tags\"><li>%s</li><li>%s</li></ul>\n</article>\n",
                  1 + below(4), id, id, word(), some_words(4), some_words(20 + below(20)), word(), word()))
    put("</main>\n</body>\n</html>\n")
  } else {
    while (written < bytes) put(some_words(8 + below(8)) (below(5) ? ",\n" : ".\n\n"))
  }
}
