package bulk

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Names that a file of rejected rows has beside the fields: an input may have them, and nobody looks at them.
const (
	rowName   = "$row"
	errorName = "$error"
)

func ignored(name string) bool { return name == rowName || name == errorName }

// header checks the names of columns; those that are wrong become empty. Blanks around a name are not meant.
func (r Rules) header(line int, header []string) (names []string, wrong []*Fault) {
	for i, name := range header {
		name = strings.TrimSpace(name)
		var err error
		switch at := slices.Index(names, name); {
		case !utf8.ValidString(name):
			err = errNotUTF8
		case name == "":
			err = errors.New("it has no name in the header")
		case at >= 0:
			err = fmt.Errorf("%s is the name of column %d already", name, at+1)
		default:
			err = r.known(name)
		}
		if err != nil {
			wrong = append(wrong, &Fault{Line: line, Column: fmt.Sprintf("column %d", i+1), Why: err.Error(), Err: err})
			name = ""
		}
		names = append(names, name)
	}
	if name := r.needs(); name != "" && !slices.Contains(names, name) {
		wrong = append(wrong, &Fault{Line: line, Why: "the header has no column " + name})
	}
	return names, wrong
}

var errNotUTF8 = errors.New("it is not UTF-8: save the file as UTF-8")

// needs is the field that every row must have and no two the same; "": none.
func (r Rules) needs() string {
	if r.Verb.creates() {
		return r.Key
	}
	return "ID"
}

func (r Rules) known(name string) error {
	switch {
	case ignored(name) || r.Verb == Delete:
		return nil
	case name == "ID" && r.Verb.creates():
		return errors.New("a new object gets its ID from Workfront")
	case name == "ID" || r.Known == nil:
		return nil
	}
	return r.Known(name)
}

// cells makes a row of a line of CSV.
func (r Rules) cells(number, line int, names, cells []string) (Row, []*Fault) {
	row := Row{Number: number, Line: line}
	var wrong []*Fault
	if len(cells) != len(names) {
		why := fmt.Sprintf("it has %d cells, and the header has %d", len(cells), len(names))
		return row, append(wrong, &Fault{Row: number, Line: line, Why: why})
	}
	for i, cell := range cells {
		name := names[i]
		if cell == "" || name == "" || ignored(name) {
			continue // an empty cell leaves the field alone
		}
		f := Field{Name: name, Value: jsontext.Value("null")}
		var err error
		switch {
		case !utf8.ValidString(cell):
			err = errNotUTF8
		case name == "ID":
			f.Value = appendQuoted(nil, strings.TrimSpace(cell))
		case cell == "null" || r.Verb == Delete:
		case r.Value == nil:
			f.Value = appendQuoted(nil, cell)
		default:
			f.Value, err = r.Value(name, cell)
		}
		if err != nil {
			wrong = append(wrong, &Fault{Row: number, Line: line, Column: name, Why: err.Error(), Err: err})
			continue
		}
		row.Fields = append(row.Fields, f)
	}
	return r.finish(row, wrong)
}

// object makes a row of a JSON value.
func (r Rules) object(number int, v jsontext.Value) (Row, []*Fault) {
	row := Row{Number: number}
	if v.Kind() != '{' {
		return row, []*Fault{{Row: number, Why: "it is no JSON object"}}
	}
	fields, err := members(v)
	if err != nil {
		return row, []*Fault{{Row: number, Why: err.Error(), Err: err}}
	}
	var wrong []*Fault
	for _, f := range fields {
		if ignored(f.Name) {
			continue
		}
		err := r.known(f.Name)
		if err == nil && f.Name != "ID" && r.Verb != Delete && r.Member != nil && f.Value.Kind() != 'n' {
			f.Value, err = r.Member(f.Name, f.Value)
		}
		if err == nil {
			err = f.Value.Compact()
		}
		if err != nil {
			wrong = append(wrong, &Fault{Row: number, Column: f.Name, Why: err.Error(), Err: err})
			continue
		}
		row.Fields = append(row.Fields, f)
	}
	return r.finish(row, wrong)
}

// finish looks at what makes a row a row of its verb. What is wrong already is not said twice.
func (r Rules) finish(row Row, wrong []*Fault) (Row, []*Fault) {
	fault := func(column, why string) {
		for _, f := range wrong {
			if f.Column == column && column != "" {
				return
			}
		}
		wrong = append(wrong, &Fault{Row: row.Number, Line: row.Line, Column: column, Why: why})
	}
	if !r.Verb.creates() {
		if why := row.takeID(); why != "" {
			fault("ID", why)
		}
		if r.Verb == Delete {
			row.Fields = nil
		}
	} else if r.Key != "" {
		text, ok := plain(row.value(r.Key))
		switch row.Key = text; {
		case row.value(r.Key) == nil || row.value(r.Key).Kind() == 'n' || ok && text == "":
			fault(r.Key, "it is the key, and the row has none")
		case !ok:
			fault(r.Key, "it is the key: a text or a number")
		case strings.HasPrefix(text, "$$"):
			fault(r.Key, "a key that begins with $$ is replaced by Workfront")
		}
	}
	if len(row.Fields) == 0 && r.Verb.creates() && len(wrong) == 0 {
		fault("", "it is empty")
	}
	for _, f := range row.Fields {
		row.size += len(f.Name) + len(f.Value) + 4
	}
	if row.size > maxRow {
		fault("", errTooLarge.Error())
	}
	return row, wrong
}

// takeID moves the ID out of the fields, or says what is wrong with it.
func (r *Row) takeID() (why string) {
	for i, f := range r.Fields {
		if f.Name != "ID" {
			continue
		}
		r.Fields = append(r.Fields[:i], r.Fields[i+1:]...)
		if f.Value.Kind() != '"' {
			break
		}
		r.ID, _ = plain(f.Value)
		if len(r.ID) != 32 || strings.Trim(r.ID, "0123456789abcdefABCDEF") != "" {
			return "an ID is 32 hexadecimal digits"
		}
		return ""
	}
	return "the row has no ID"
}

// fold makes IDs comparable: their digits have no case.
func fold(id string) string { return strings.ToLower(id) }
