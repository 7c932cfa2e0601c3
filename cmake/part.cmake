# SPDX-License-Identifier: MIT

# Adds weir::<name>, a part of weir that stands on a library of others: weir_part(name link-target sources...).
function(weir_part name needs)
  add_library(weir_${name} ${ARGN})
  add_library(weir::${name} ALIAS weir_${name})
  target_link_libraries(weir_${name} PUBLIC weir PRIVATE ${needs})
  set_target_properties(
    weir_${name}
    PROPERTIES EXPORT_NAME ${name}
               CXX_VISIBILITY_PRESET hidden
               VISIBILITY_INLINES_HIDDEN ON
               POSITION_INDEPENDENT_CODE ON
               INSTALL_RPATH "$ORIGIN" # libweir lies beside it
               VERSION ${PROJECT_VERSION}
               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  weir_own(weir_${name})
endfunction()
