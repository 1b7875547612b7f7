# Flags of the whole build. Warnings are errors only where a preset asks for it (CMAKE_COMPILE_WARNING_AS_ERROR),
# so that a newer compiler's new warning never keeps a user from building.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -fno-strict-aliasing)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(FLOTSAM_SANITIZE)
  add_compile_options(-fsanitize=${FLOTSAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FLOTSAM_SANITIZE})
endif()
