package workfront

import (
	"bytes"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// FieldNames splits the value of the parameter fields, in whatever form people have it: a list with commas, an array of JSON, or
// one as Python and JavaScript print it, ['name','DE:Region']. Blanks around a name do not count, and empty names are dropped.
func FieldNames(value string) []string {
	names, _ := splitFields(value)
	return names
}

// tidyFields gives each fields= the form that Workfront reads: a list with commas, or an array of JSON where it was an array or
// a list would name something else. One without a name is dropped.
func tidyFields(fields []Field) []Field {
	tidy := make([]Field, 0, len(fields))
	for _, f := range fields {
		if f.Key == "fields" {
			names, array := splitFields(f.Value)
			if len(names) == 0 {
				continue
			}
			f.Value = joinFields(names, array)
		}
		tidy = append(tidy, f)
	}
	return tidy
}

func joinFields(names []string, array bool) string {
	// A comma in a name would part it; quotes and brackets at the ends would come off.
	if list := strings.Join(names, ","); !array && slices.Equal(FieldNames(list), names) {
		return list
	}
	value := []byte{'['}
	for i, name := range names {
		if i > 0 {
			value = append(value, ',')
		}
		value, _ = jsontext.AppendQuote(value, name) // its error is of invalid UTF-8, which it has replaced
	}
	return string(append(value, ']'))
}

func splitFields(value string) (names []string, array bool) {
	if names, ok := fieldArray(value); ok {
		return named(names), true
	}
	text := strings.TrimSpace(value)
	if inner, ok := strings.CutPrefix(text, "["); ok {
		if inner, ok = strings.CutSuffix(inner, "]"); ok {
			text, array = inner, true
		}
	}
	names, ok := splitQuoted(text)
	if !ok {
		return named(strings.Split(value, ",")), false
	}
	return named(names), array
}

// named drops blanks around names, and names that are nothing else.
func named(names []string) []string {
	var kept []string
	for _, name := range names {
		if name = strings.TrimSpace(name); name != "" {
			kept = append(kept, name)
		}
	}
	return kept
}

// splitQuoted splits a list at its commas but for those within quotes of either kind, which come off. A quote that is not closed,
// or that closes before the name ends, makes it no such list.
func splitQuoted(text string) (names []string, ok bool) {
	for rest := text; ; {
		name, quote := "", byte(0)
		rest = strings.TrimLeft(rest, " \t\r\n")
		if rest != "" && (rest[0] == '\'' || rest[0] == '"') {
			quote, rest = rest[0], rest[1:]
			var b strings.Builder
			for rest != "" && rest[0] != quote {
				if rest[0] == '\\' && len(rest) > 1 {
					rest = rest[1:]
				}
				b.WriteByte(rest[0])
				rest = rest[1:]
			}
			if rest == "" {
				return nil, false
			}
			name, rest = b.String(), strings.TrimLeft(rest[1:], " \t\r\n")
			if rest != "" && rest[0] != ',' {
				return nil, false
			}
		}
		plain, after, more := strings.Cut(rest, ",")
		if quote == 0 {
			name = plain
		}
		names = append(names, name)
		if rest = after; !more {
			return names, true
		}
	}
}

// fieldArray reads fields where it is an array of strings.
func fieldArray(value string) (names []string, ok bool) {
	d := jsontext.NewDecoder(bytes.NewBufferString(value))
	if d.PeekKind() != '[' {
		return nil, false
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, false
	}
	for d.PeekKind() == '"' {
		token, err := d.ReadToken()
		if err != nil {
			return nil, false
		}
		names = append(names, token.String())
	}
	end, err := d.ReadToken()
	return names, err == nil && end.Kind() == ']'
}
