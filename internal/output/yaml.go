package output

import (
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// blockDepth is how deep values are laid out by indentation. Below, YAML's
	// flow style, which is close to JSON, keeps hostile nesting from growing
	// with its square.
	blockDepth = 16
	// longestKey is what may stand before a colon. YAML allows 1,024
	// characters there; longer keys need a question mark before them.
	longestKey = 1000
)

// A yaml writer streams rows as one list under the key data. Numbers stand as
// the server sent them; texts are quoted where YAML 1.1 or 1.2 would take them
// for something else. Names that come twice in JSON come twice here, too.
type yaml struct {
	sink
	acts    func(rune) bool // see Options
	rows    int
	begun   bool
	buf     []byte // reused between pages
	text    []byte // reused between texts
	readers readers
	level   int    // of the readers in use
	inside  reader // of what is in flow style
}

func (y *yaml) Page(rows []jsontext.Value) error {
	y.buf = y.buf[:0]
	for _, row := range rows {
		y.rows++
		whole := len(y.buf)
		if !y.begun {
			y.add("data:\n")
		}
		err := errNotObject
		if row.Kind() == jsontext.KindBeginObject {
			err = y.item(row, 0)
		}
		if err != nil {
			return y.failed(y.buf[:whole], y.rows, err)
		}
		y.begun = true
	}
	return y.flush(y.buf, len(rows))
}

func (y *yaml) Close() error {
	if y.begun {
		return nil
	}
	return y.flush([]byte("data: []\n"), 0)
}

func (y *yaml) add(s string) { y.buf = append(y.buf, s...) }

func (y *yaml) indent(depth int) {
	for range depth {
		y.add("  ")
	}
}

// item appends a list's item at a depth.
func (y *yaml) item(value jsontext.Value, depth int) error {
	y.indent(depth)
	y.add("- ")
	if value.Kind() != jsontext.KindBeginObject || !nests(value, depth) {
		return y.line(value)
	}
	return y.members(value, depth+1)
}

// members appends an object's members, the first where we are, the others on
// lines at a depth.
func (y *yaml) members(object jsontext.Value, depth int) error {
	first := true
	return y.each(object, func(r *reader) error {
		name, value, err := r.member()
		if err != nil {
			return err
		}
		if !first {
			y.indent(depth)
		}
		first = false
		return y.member(name, value, depth)
	})
}

func (y *yaml) member(name, value jsontext.Value, depth int) error {
	if y.key(name, true) {
		y.add("\n")
		y.indent(depth)
		y.add(": ")
		return y.line(value)
	}
	switch kind := value.Kind(); {
	case !nests(value, depth):
		y.add(": ")
		return y.line(value)
	case kind == jsontext.KindBeginObject:
		y.add(":\n")
		y.indent(depth + 1)
		return y.members(value, depth+1)
	default:
		y.add(":\n")
		return y.each(value, func(r *reader) error {
			value, err := r.value()
			if err != nil {
				return err
			}
			return y.item(value, depth)
		})
	}
}

// each goes through what is in an object or array.
func (y *yaml) each(nest jsontext.Value, do func(*reader) error) error {
	r, err := y.readers.open(y.level, nest)
	y.level++
	for err == nil && r.more() {
		err = do(r)
	}
	y.level--
	return err
}

// nests reports whether a value takes further lines below one at a depth.
func nests(value jsontext.Value, depth int) bool {
	kind := value.Kind()
	return (kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray) && depth < blockDepth && !empty(value)
}

// line appends a value that takes no further line.
func (y *yaml) line(value jsontext.Value) error {
	if kind := value.Kind(); kind != jsontext.KindBeginObject && kind != jsontext.KindBeginArray {
		y.scalar(value, true)
	} else {
		y.inside.reset(value)
		if err := y.flow(); err != nil {
			return err
		}
	}
	y.add("\n")
	return nil
}

// flow appends the next value inside, in flow style.
func (y *yaml) flow() error {
	switch y.inside.decoder.PeekKind() {
	case jsontext.KindBeginObject:
		return y.brackets("{", "}", func() error {
			name, err := y.inside.value()
			if err != nil {
				return err
			}
			y.key(name, false)
			y.add(": ")
			return y.flow()
		})
	case jsontext.KindBeginArray:
		return y.brackets("[", "]", y.flow)
	}
	value, err := y.inside.value()
	if err == nil {
		y.scalar(value, false)
	}
	return err
}

// brackets appends what is in the next object or array, between brackets.
func (y *yaml) brackets(open, close string, next func() error) error {
	if _, err := y.inside.decoder.ReadToken(); err != nil {
		return err
	}
	y.add(open)
	for first := true; y.inside.more(); first = false {
		if !first {
			y.add(", ")
		}
		if err := next(); err != nil {
			return err
		}
	}
	y.add(close)
	_, err := y.inside.decoder.ReadToken()
	return err
}

// key appends a name, and reports whether it is too long for a line of its
// value; a question mark then tells a reader that it is a key.
func (y *yaml) key(name jsontext.Value, plain bool) (long bool) {
	begin := len(y.buf)
	y.scalar(name, plain)
	if long = len(y.buf)-begin > longestKey; long {
		y.buf = slices.Insert(y.buf, begin, '?', ' ')
	}
	return long
}

// scalar appends a value that is neither object nor array.
func (y *yaml) scalar(value jsontext.Value, plain bool) {
	if value.Kind() != jsontext.KindString {
		y.buf = append(y.buf, value...)
		return
	}
	y.text = appendText(y.text[:0], value)
	if plain && isPlain(y.text) {
		y.buf = append(y.buf, y.text...)
		return
	}
	y.buf = y.appendQuoted(y.buf, y.text)
}
