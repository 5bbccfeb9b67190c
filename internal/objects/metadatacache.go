package objects

import (
	"errors"
	"hash/crc32"
	"strconv"
	"strings"
)

// The compact form of metadata is text: a line that names the form, its version and a checksum, then a line for each thing,
// of which the first letter tells what it is. A field's values and a call's arguments follow it. Completion reads it at each
// press of a key, several times faster than the answer it comes from.
const compactForm = "wfauth metadata 1 "

var errBroken = errors.New("not the metadata of an object in compact form")

// Compact writes metadata in the form that [ParseCompact] reads.
func (m *Metadata) Compact() []byte {
	var body []byte
	line := func(kind byte, cells ...string) {
		body = append(body, kind)
		for _, cell := range cells {
			body = appendCell(append(body, '\t'), cell)
		}
		body = append(body, '\n')
	}
	line('o', m.Code, m.Name, m.Label, strconv.FormatBool(m.CustomKnown))
	line('g', m.Flags...)
	line('n', m.Operations...)
	for _, f := range m.Fields {
		line(byte(f.Role), append([]string{f.Name, f.Label, f.Type, f.Target}, f.Flags...)...)
		for _, v := range f.Values {
			line('v', v.Value, v.Label)
		}
	}
	for i, calls := range [][]Call{m.Actions, m.Queries} {
		for _, c := range calls {
			line("aq"[i], c.Name, c.Label, c.Result)
			for _, a := range c.Arguments {
				line('p', a.Name, a.Type)
			}
		}
	}
	return append([]byte(compactForm+checksum(string(body))+"\n"), body...)
}

func checksum(body string) string {
	return strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(body))), 16)
}

// ParseCompact reads what [Metadata.Compact] has written. Anything else, also what another version of this program wrote, is
// an error, and a reason to ask anew.
func ParseCompact(text []byte) (*Metadata, error) {
	head, body, _ := strings.Cut(string(text), "\n")
	sum, ok := strings.CutPrefix(head, compactForm)
	if !ok || sum != checksum(body) {
		return nil, errBroken
	}
	m := &Metadata{}
	var last *Call
	for line := range strings.Lines(body) {
		kind, cells := line[0], cellsOf(strings.TrimSuffix(line[1:], "\n"))
		if kind != 'g' && kind != 'n' && len(cells) < fewest(kind) {
			return nil, errBroken
		}
		switch kind {
		case 'o':
			m.Code, m.Name, m.Label, m.CustomKnown = cells[0], cells[1], cells[2], cells[3] == "true"
		case 'g':
			m.Flags = cells
		case 'n':
			m.Operations = cells
		case 'v':
			if len(m.Fields) == 0 {
				return nil, errBroken
			}
			f := &m.Fields[len(m.Fields)-1]
			f.Values = append(f.Values, Value{cells[0], cells[1]})
		case 'a':
			m.Actions = append(m.Actions, Call{Name: cells[0], Label: cells[1], Result: cells[2]})
			last = &m.Actions[len(m.Actions)-1]
		case 'q':
			m.Queries = append(m.Queries, Call{Name: cells[0], Label: cells[1], Result: cells[2]})
			last = &m.Queries[len(m.Queries)-1]
		case 'p':
			if last == nil {
				return nil, errBroken
			}
			last.Arguments = append(last.Arguments, Argument{cells[0], cells[1]})
		default:
			if strings.IndexByte("frcx", kind) < 0 {
				return nil, errBroken
			}
			f := Field{Role: Role(kind), Name: cells[0], Label: cells[1], Type: cells[2], Target: cells[3]}
			if len(cells) > 4 {
				f.Flags = cells[4:]
			}
			m.Fields = append(m.Fields, f)
		}
	}
	if m.Code == "" {
		return nil, errBroken
	}
	return m, nil
}

// fewest is how many cells a line has at least.
func fewest(kind byte) int {
	switch kind {
	case 'v', 'p':
		return 2
	case 'a', 'q':
		return 3
	}
	return 4
}

// cellsOf splits what follows the letter of a line: nothing, or a tab before each cell.
func cellsOf(line string) []string {
	if line == "" {
		return nil
	}
	cells := strings.Split(line[1:], "\t")
	for i, cell := range cells {
		if strings.IndexByte(cell, '\\') >= 0 {
			cells[i] = unescaped(cell)
		}
	}
	return cells
}

func appendCell(dst []byte, cell string) []byte {
	for _, c := range []byte(cell) {
		switch c {
		case '\\':
			dst = append(dst, `\\`...)
		case '\t':
			dst = append(dst, `\t`...)
		case '\n':
			dst = append(dst, `\n`...)
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func unescaped(cell string) string {
	var text strings.Builder
	for i := 0; i < len(cell); i++ {
		c := cell[i]
		if c == '\\' && i+1 < len(cell) {
			i++
			switch c = cell[i]; c {
			case 't':
				c = '\t'
			case 'n':
				c = '\n'
			}
		}
		text.WriteByte(c)
	}
	return text.String()
}
