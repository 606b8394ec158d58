; Methods of an API, whether called or taken. `finder.ts` looks at what stands around them.

((member_expression
   property: (property_identifier) @name) @method
 (#any-of? @name "create" "acreate" "parse" "stream"))

((subscript_expression
   index: (string (string_fragment) @name)) @method
 (#any-of? @name "create" "acreate" "parse" "stream"))

; const { create } = client.chat.completions
((object_pattern
   (shorthand_property_identifier_pattern) @name @destructured)
 (#any-of? @name "create" "parse" "stream"))
