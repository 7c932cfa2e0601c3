// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>
#include <weir/http/form.hpp>

using namespace weir;
using http::FormError;

namespace {

/// `fields`: "[name][value]" of each.
struct Case {
  const char* name;
  std::string_view body;
  std::string_view fields;
};

const Case kCases[] = {
    {"nothing", "", ""},
    {"one", "a=1", "[a][1]"},
    {"two", "a=1&b=2", "[a][1][b][2]"},
    {"the same name twice", "a=1&a=2", "[a][1][a][2]"},
    {"no equals sign", "a&b=2", "[a][][b][2]"},
    {"no value", "a=&b=", "[a][][b][]"},
    {"no name", "=1", "[][1]"},
    {"equals signs in a value", "a=b=c", "[a][b=c]"},
    {"empty pairs", "&&a=1&&", "[a][1]"},
    {"plus is a space, in both", "a+b=c+d", "[a b][c d]"},
    {"an escaped plus", "a=1%2B1", "[a][1+1]"},
    {"escapes", "%61=%26%3D%0d%0A", "[a][&=\r\n]"},
    {"an escaped name that is empty", "%=1", "[%][1]"},
    {"no escape", "a=100%&b=%4&c=%zz", "[a][100%][b][%4][c][%zz]"},
    {"UTF-8", "n=%C3%A4\xC3\xB6", "[n][\xC3\xA4\xC3\xB6]"},
    {"a semicolon parts nothing", "a=1;b=2", "[a][1;b=2]"},
    {"decoded once", "a=%2541", "[a][%41]"},
};

}  // namespace

TEST_CASE("a form's fields come decoded and in order", "[http][form]") {
  http::Form form;
  for (const Case& c : kCases) DYNAMIC_SECTION(c.name) {
      REQUIRE(form.parse(c.body) == FormError::none);
      std::string fields;
      for (const auto& [name, value] : form)
        fields.append("[").append(name).append("][").append(value).append("]");
      CHECK(fields == c.fields);
      CHECK(form.empty() == c.fields.empty());
    }
}

TEST_CASE("a form's fields are found by name", "[http][form]") {
  http::Form form;
  REQUIRE(form.parse("a=1&b=&a=2&%41=3&n=%00x") == FormError::none);
  CHECK(form.get("a") == "1");
  CHECK(form.get("A") == "3");
  CHECK(form.get("b") == "");
  CHECK(form.get("n") == std::string_view("\0x", 2));
  CHECK_FALSE(form.get("c"));
  CHECK(form.all("a") == std::vector<std::string_view>{"1", "2"});
  CHECK(form.all("c").empty());
  CHECK(form.size() == 5);
  CHECK(form[2].value == "2");
  const http::Form moved = std::move(form);
  CHECK(moved.get("a") == "1");
}

TEST_CASE("a form's limits count what is decoded", "[http][form]") {
  http::FormLimits limits;
  limits.fields = 2;
  limits.name = 3;
  limits.value = 4;
  http::Form form;
  CHECK(form.parse("abc=1234&&%41%42%43=%41%42%43%44", limits) == FormError::none);
  CHECK(form.size() == 2);
  CHECK(form.parse("a&b&c", limits) == FormError::too_many_fields);
  CHECK(form.empty());
  CHECK(form.parse("abcd=1", limits) == FormError::name_too_long);
  CHECK(form.parse("a=1&b=12345", limits) == FormError::value_too_long);
  CHECK(form.empty());
  CHECK_FALSE(form.get("a"));
  CHECK(form.parse("a", limits) == FormError::none);
}

TEST_CASE("a form's errors have a status and a text", "[http][form]") {
  CHECK(http::status_of(FormError::none) == http::Status::ok);
  CHECK(http::message_of(FormError::none) == "no error");
  for (const FormError error :
       {FormError::too_many_fields, FormError::name_too_long, FormError::value_too_long}) {
    CHECK(http::status_of(error) == http::Status::content_too_large);
    CHECK(http::message_of(error).find("form") != std::string_view::npos);
  }
}

TEST_CASE("a form is told by its Content-Type", "[http][form]") {
  CHECK(http::is_urlencoded_form("application/x-www-form-urlencoded"));
  CHECK(http::is_urlencoded_form("Application/X-WWW-Form-URLencoded; charset=UTF-8"));
  CHECK_FALSE(http::is_urlencoded_form(""));
  CHECK_FALSE(http::is_urlencoded_form("text/plain"));
  CHECK_FALSE(http::is_urlencoded_form("application/x-www-form-urlencodedx"));
  CHECK_FALSE(http::is_urlencoded_form("application/x-www-form-urlencoded, text/plain"));
}
