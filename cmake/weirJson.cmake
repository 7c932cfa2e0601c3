# SPDX-License-Identifier: MIT
#
# weir::json: what weir/json.hpp needs, beside weir::weir or weir::header_only. Only where nlohmann/json is found.
# JSON_DIAGNOSTICS lets problems point at the member; it changes nlohmann's symbols, so that all of a program must agree.
if(NOT TARGET weir::json)
  if(NOT TARGET nlohmann_json::nlohmann_json)
    find_package(nlohmann_json 3.10 QUIET) # the first with JSON_DIAGNOSTICS
  endif()
  if(TARGET nlohmann_json::nlohmann_json)
    add_library(weir::json INTERFACE IMPORTED GLOBAL)
    target_link_libraries(weir::json INTERFACE nlohmann_json::nlohmann_json)
    target_compile_definitions(weir::json INTERFACE JSON_DIAGNOSTICS=1)
  endif()
endif()
