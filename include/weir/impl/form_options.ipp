// SPDX-License-Identifier: MIT
#pragma once
#include <stdexcept>
#include <weir/form_options.hpp>

WEIR_BEGIN_NAMESPACE

WEIR_INLINE void FormOptions::check() const {
  const auto refuse = [](const char* field, const char* must) {
    throw std::invalid_argument(
        std::string("weir::FormOptions::").append(field).append(": must be ").append(must));
  };
  if (multipart.parts == 0) refuse("multipart.parts", "at least 1");
  if (multipart.header_bytes < 64) refuse("multipart.header_bytes", "at least 64");
  if (multipart.header_fields == 0) refuse("multipart.header_fields", "at least 1");
  if (temp_folder.find('\0') != std::string::npos)
    refuse("temp_folder", "a path without a zero byte");
}

WEIR_END_NAMESPACE
