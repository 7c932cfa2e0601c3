// SPDX-License-Identifier: MIT
#pragma once
/// \file
/// A strict reader of Prometheus' text format 0.0.4, that shares no code with what is tested. What
/// breaks a rule throws std::runtime_error with the line.
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace weir::test {

class PrometheusParser {
 public:
  using Labels = std::map<std::string, std::string>;

  struct Sample {
    std::string name;
    Labels labels;
    double value = 0;
  };

  explicit PrometheusParser(std::string_view text) {
    if (text.empty() || text.back() != '\n') throw std::runtime_error("no line end at the end");
    while (!text.empty()) {
      const std::size_t end = text.find('\n');
      line_ = std::string(text.substr(0, end));
      text.remove_prefix(end + 1);
      read_line();
    }
    check_histograms();
  }

  /// The value of a series; -1 when there is none.
  double value(const std::string& name, const Labels& labels = {}) const {
    for (const Sample& sample : samples)
      if (sample.name == name && sample.labels == labels) return sample.value;
    return -1;
  }

  /// Of all series of that name which have these labels.
  double sum(const std::string& name, const Labels& labels = {}) const {
    double sum = 0;
    for (const Sample& sample : samples) {
      bool fits = sample.name == name;
      for (const auto& [key, value] : labels) {
        const auto found = sample.labels.find(key);
        fits = fits && found != sample.labels.end() && found->second == value;
      }
      if (fits) sum += sample.value;
    }
    return sum;
  }

  std::vector<Sample> samples;
  std::map<std::string, std::string> types;  // by family

 private:
  [[noreturn]] void fail(const char* why) const { throw std::runtime_error(line_ + ": " + why); }

  void expect(bool holds, const char* why) const {
    if (!holds) fail(why);
  }

  static bool is_name(std::string_view name, bool colons) {
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
    for (const char c : name)
      if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && !(colons && c == ':'))
        return false;
    return true;
  }

  void read_line() {
    const std::string_view line = line_;
    if (line.substr(0, 7) == "# HELP ") {
      const std::size_t end = line.find(' ', 7);
      expect(end != std::string_view::npos, "no help text");
      family_ = std::string(line.substr(7, end - 7));
      expect(is_name(family_, true), "a bad name");
      expect(helped_.insert(family_).second, "a family twice");
    } else if (line.substr(0, 7) == "# TYPE ") {
      const std::size_t end = line.find(' ', 7);
      expect(end != std::string_view::npos, "no type");
      expect(line.substr(7, end - 7) == family_, "a type of another family than the help");
      const std::string type(line.substr(end + 1));
      expect(type == "counter" || type == "gauge" || type == "histogram", "an unknown type");
      const bool total = family_.size() > 6 && family_.substr(family_.size() - 6) == "_total";
      expect(total == (type == "counter"), "counters, and they alone, end in _total");
      expect(types.emplace(family_, type).second, "a type twice");
    } else {
      read_sample();
    }
  }

  void read_sample() {
    const std::string_view line = line_;
    std::size_t at = line.find_first_of("{ ");
    expect(at != std::string_view::npos, "no value");
    Sample sample;
    sample.name = std::string(line.substr(0, at));
    expect(is_name(sample.name, true), "a bad name");
    std::string family = sample.name;
    if (types.count(family_) != 0 && types[family_] == "histogram") {
      for (const std::string_view suffix : {"_bucket", "_sum", "_count"})
        if (family == family_ + std::string(suffix)) family = family_;
      expect(family != sample.name, "a sample of a histogram without its suffix");
    }
    expect(family == family_, "a sample outside its family");
    if (line[at] == '{') at = read_labels(at + 1, sample.labels);
    expect(at < line.size() && line[at] == ' ', "no space in front of the value");
    const std::string number(line.substr(at + 1));
    char* end = nullptr;
    sample.value = std::strtod(number.c_str(), &end);
    expect(!number.empty() && *end == '\0' && number.find(' ') == std::string::npos,
           "no number, or more than one");
    expect(std::isfinite(sample.value) && sample.value >= 0, "not a finite number from 0 on");
    for (const Sample& other : samples)
      expect(other.name != sample.name || other.labels != sample.labels, "a series twice");
    samples.push_back(std::move(sample));
  }

  std::size_t read_labels(std::size_t at, Labels& labels) const {
    const std::string_view line = line_;
    while (true) {
      const std::size_t equals = line.find('=', at);
      expect(equals != std::string_view::npos, "no label");
      const std::string name(line.substr(at, equals - at));
      expect(is_name(name, false), "a bad label");
      at = equals + 1;
      expect(at < line.size() && line[at] == '"', "a label's value without quotes");
      std::string value;
      for (++at; at < line.size() && line[at] != '"'; ++at) {
        char c = line[at];
        if (c == '\\') {
          expect(++at < line.size(), "a backslash at the end");
          expect(line[at] == '\\' || line[at] == '"' || line[at] == 'n', "an unknown escape");
          c = line[at] == 'n' ? '\n' : line[at];
        }
        value.push_back(c);
      }
      expect(at < line.size(), "a label's value without an end");
      expect(labels.emplace(name, value).second, "a label twice");
      ++at;
      expect(at < line.size() && (line[at] == ',' || line[at] == '}'), "no comma, no brace");
      if (line[at++] == '}') return at;
    }
  }

  // Buckets rise, end with +Inf, and that is the count.
  void check_histograms() {
    for (const auto& [family, type] : types) {
      if (type != "histogram") continue;
      line_ = family;
      std::map<Labels, double> last;  // by the other labels
      std::map<Labels, double> bound;
      for (const Sample& sample : samples) {
        if (sample.name != family + "_bucket") continue;
        Labels labels = sample.labels;
        expect(labels.count("le") == 1, "a bucket without le");
        const double le = std::strtod(labels["le"].c_str(), nullptr);
        labels.erase("le");
        expect(last.count(labels) == 0 || (le > bound[labels] && sample.value >= last[labels]),
               "buckets that do not rise");
        bound[labels] = le;
        last[labels] = sample.value;
      }
      for (const auto& [labels, count] : last) {
        expect(std::isinf(bound[labels]), "no bucket +Inf");
        expect(value(family + "_count", labels) == count, "another count than +Inf");
        expect(value(family + "_sum", labels) >= 0, "no sum");
      }
    }
  }

  std::string line_;
  std::string family_;
  std::set<std::string> helped_;
};

}  // namespace weir::test
