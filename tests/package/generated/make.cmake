# SPDX-License-Identifier: MIT
# As bundlers do: TO/app.<version>.js, and none of the versions before.
file(READ ${FROM} version)
file(GLOB before ${TO}/app.*.js)
if(before)
  file(REMOVE ${before})
endif()
file(WRITE ${TO}/app.${version}.js "${version}")
file(WRITE ${TO}/index.html "<script src=app.${version}.js></script>")
file(WRITE ${TO}/last "")
