# Flags of the whole build. Warnings are errors only where a preset asks for it (CMAKE_COMPILE_WARNING_AS_ERROR),
# so that a newer compiler's new warning never keeps a user from building.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wimplicit-fallthrough -fno-strict-aliasing)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Cries wolf over std::optional and std::expected once the optimiser runs; the sanitizers look for the real thing.
  add_compile_options(-Wno-maybe-uninitialized)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)  # false alarms on std::string concatenation (GCC bug 105651)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_compile_definitions(_GLIBCXX_ASSERTIONS)
endif()
if(FLOTSAM_SANITIZE)
  add_compile_options(-fsanitize=${FLOTSAM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${FLOTSAM_SANITIZE})
endif()
