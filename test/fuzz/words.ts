/** What texts of the two languages are made of; any order of it is a text that must not do harm. */
export const JINJA_WORDS: readonly string[] = [
  ...'{{ }} {% %} {# #} - + ( ) [ ] { } | . , : ~ * ** / // % == < if else endif elif for in endfor set endset'.split(
    ' ',
  ),
  ...'macro endmacro call endcall filter endfilter raw endraw with endwith block endblock is not and or recursive'.split(
    ' ',
  ),
  ...'loop x d l d.a l[0] loop.index range(3) upper sort list first map select default join tojson int round'.split(
    ' ',
  ),
  ...["'odd'", "'text'", '"%s"', '1', '2.5', '10**9', 'none', 'true', ' ', '\n', '\\', "'", '"', '__class__', 'é😀'],
  ...['namespace', 'ns.a', '=', '\u0000', 'ctx()', 'ctx', 'item()', 'json', 'zip', 'result()'],
];

export const YAQL_WORDS: readonly string[] = [
  ...'<% %> ( ) [ ] { } , . ?. => -> + - * / mod > < >= <= = != =~ !~ in not and or $ $1 $2 $a true false null'.split(
    ' ',
  ),
  ...'ctx() ctx(x) ctx().l ctx().d item() result() list( dict( set( range( sequence() cycle() repeat( select( where('.split(
    ' ',
  ),
  ...'groupBy( orderBy( thenBy( join( split( replace( str( int( regex( datetime( timespan( let( def( with( switch('.split(
    ' ',
  ),
  ...'call( generate( generateMany( mergeWith( aggregate( format( unpack( assert( toList() flatten() 0 1 2.5'.split(
    ' ',
  ),
  ...[
    "'a'",
    '"b"',
    '`c`',
    'x',
    'a =>',
    '99999999999999999999',
    '\\',
    "'",
    '"',
    '`',
    '\n',
    '__x',
    'é😀',
    '\u0000',
    '"(a*)*b"',
  ],
];
