cmake_minimum_required(VERSION 3.23)
# Run as a script by svi_embed. The assembler's .incbin takes files of any size without turning them into C text, and a zero
# byte is put behind each file so that a text can be used as a C string.
string(REPLACE "|" ";" FILES "${FILES}")
set(declarations "")
set(rows "")
set(count 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  set(label "${SYMBOL}_${count}")
  string(APPEND declarations
    "__asm__(\".section .rodata\\n.balign 16\\n.global ${label}\\n${label}:\\n.incbin \\\"${file}\\\"\\n.byte 0\\n\"\n"
    "        \".global ${label}_end\\n${label}_end:\\n.previous\\n\");\n"
    "extern const unsigned char ${label}[], ${label}_end[];\n")
  string(APPEND rows "    { \"${name}\", ${label}, ${label}_end },\n")
  math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}"
  "/* Made by cmake/EmbedFiles.cmake; do not edit. */\n#include \"base/embedded.h\"\n\n${declarations}\n"
  "extern const struct svi_embedded ${SYMBOL}[];\n"
  "const struct svi_embedded ${SYMBOL}[] = {\n${rows}    { 0, 0, 0 },\n};\n")
