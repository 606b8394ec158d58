; Methods of an API. `finder.ts` looks at what stands around them.

((selector_expression
   field: (field_identifier) @name) @method
 (#any-of? @name
   "New" "NewStreaming"
   "CreateChatCompletion" "CreateChatCompletionStream"
   "CreateCompletion" "CreateCompletionStream"
   "CreateEmbeddings"))
