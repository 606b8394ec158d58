; Methods of an API, whether called or taken. `finder.ts` looks at what stands around them.

((attribute
   attribute: (identifier) @name) @method
 (#any-of? @name "create" "acreate" "parse" "stream"))

((subscript
   subscript: (string (string_content) @name)) @method
 (#any-of? @name "create" "acreate" "parse" "stream"))
