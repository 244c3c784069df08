/**
 * Names beginning with `_` that Python's objects have. None of them can be reached: Jinja's sandbox refuses them, and here they do
 * not exist. Only the words differ: reading one gives an undefined value that says it is unsafe, reading another one that says
 * there is no such attribute. Written without the underscores around.
 */
const EVERY = new Set(
  (
    'class delattr dir doc eq format ge getattribute getstate gt hash init init_subclass le lt ne new reduce ' +
    'reduce_ex repr setattr sizeof str subclasshook'
  ).split(' '),
);

const OF_TYPE: Readonly<Record<string, string>> = {
  str: 'add contains getitem getnewargs iter len mod mul rmod rmul',
  list: 'add class_getitem contains delitem getitem iadd imul iter len mul reversed rmul setitem',
  dict: 'class_getitem contains delitem getitem ior iter len or reversed ror setitem',
  tuple: 'add class_getitem contains getitem getnewargs iter len mul rmul',
  range: 'bool contains getitem iter len reversed',
  dict_keys: 'and contains iter len or rand reversed ror rsub rxor sub xor',
  dict_values: 'iter len reversed',
  dict_items: 'and contains iter len or rand reversed ror rsub rxor sub xor',
  set: 'and class_getitem contains iand ior isub iter ixor len or rand ror rsub rxor sub xor',
  float:
    'abs add bool ceil divmod float floor floordiv getformat getnewargs int mod mul neg pos pow radd rdivmod ' +
    'rfloordiv rmod rmul round rpow rsub rtruediv sub truediv trunc',
  NoneType: 'bool',
  function: 'annotations builtins call closure code defaults dict get globals kwdefaults module name qualname',
  type:
    'abstractmethods annotations base bases basicsize call class_getitem contains delitem dict dictoffset flags ' +
    'getitem instancecheck ior itemsize iter len module mro name or prepare qualname reversed ror setitem ' +
    'subclasscheck subclasses text_signature weakrefoffset',
  generator: 'del iter name next qualname',
  builtin_function_or_method: 'call module name qualname self text_signature',
  method: 'call func self',
  Markup: 'add contains getitem getnewargs html html_format iter len mod module mul radd rmod rmul slots',
  StrictUndefined:
    'add aiter bool call complex contains div float floordiv getattr getitem int iter len mod module mul neg pos ' +
    'pow radd rdiv rfloordiv rmod rmul rpow rsub rtruediv slots sub truediv _fail_with_undefined_error ' +
    '_undefined_exception _undefined_hint _undefined_message _undefined_name _undefined_obj',
  Cycler: 'dict module next weakref',
  Joiner: 'call dict module weakref',
  LoopContext:
    'annotations call dict iter len module next weakref _after _before _current _iterable _iterator ' +
    '_last_changed_value _length _peek_next _recurse _to_iterator _undefined',
  Macro: 'call dict module weakref _argument_count _async_invoke _default_autoescape _environment _func _invoke',
  TemplateReference: '_TemplateReference__context dict getitem module weakref',
  int:
    'abs add and bool ceil divmod float floor floordiv getnewargs index int invert lshift mod mul neg or pos pow ' +
    'radd rand rdivmod rfloordiv rlshift rmod rmul ror round rpow rrshift rshift rsub rtruediv rxor sub truediv ' +
    'trunc xor',
};

const NAMES: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(OF_TYPE).map(([type, names]) => [type, new Set(names.split(' '))] as const),
);

/** Names that lead into the interpreter though they begin with a letter. */
const INTERNAL: Readonly<Record<string, readonly string[]>> = {
  generator: ['gi_frame', 'gi_code'],
  type: ['mro'],
};

/** Whether Python's objects of a type have an attribute that the sandbox refuses. */
export function isUnsafeName(type: string, name: string): boolean {
  if (INTERNAL[type]?.includes(name) === true) return true;
  // Its members are all that it has.
  if (type === 'Namespace') return name === '__class__' || name === '_Namespace__attrs';
  if (!name.startsWith('_')) return false;
  const bare = /^__(.+)__$/.exec(name)?.[1];
  const known = NAMES.get(type === 'bool' ? 'int' : type === 'Undefined' ? 'StrictUndefined' : type);
  if (bare !== undefined) return EVERY.has(bare) || known?.has(bare) === true;
  return known?.has(name) === true;
}
