package objects

import (
	"bytes"
	"errors"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

var errNoMetadata = errors.New("the answer is not the metadata of an object")

// ParseMetadata reads what Workfront answers to /OBJ/metadata, with its data around it or without. Members that are not known
// are skipped, and those that are missing or of another type stay empty; a document that is cut or holds no object code is
// an error.
func ParseMetadata(body []byte) (*Metadata, error) {
	p := &metadataParser{dec: jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
	m := &Metadata{}
	p.members(func(name string) {
		if name == "data" {
			p.object(m)
			return
		}
		p.member(m, name)
	})
	if p.err == nil {
		if _, err := p.dec.ReadToken(); !errors.Is(err, io.EOF) {
			p.err = errNoMetadata
		}
	}
	if p.err == nil && m.Code == "" {
		p.err = errNoMetadata
	}
	if p.err != nil {
		return nil, p.err
	}
	return m, nil
}

// metadataParser reads a document in which anything may be missing. Its first error ends it.
type metadataParser struct {
	dec *jsontext.Decoder
	err error
}

func (p *metadataParser) object(m *Metadata) {
	p.members(func(name string) { p.member(m, name) })
}

func (p *metadataParser) member(m *Metadata, name string) {
	switch name {
	case "name":
		m.Name = p.text()
	case "label":
		m.Label = p.text()
	case "objCode":
		m.Code = p.text()
	case "flags":
		m.Flags = p.texts()
	case "operations":
		m.Operations = p.texts()
	case "fields":
		p.fields(m, Plain)
	case "references":
		p.fields(m, Reference)
	case "collections":
		p.fields(m, Collection)
	case "custom":
		m.CustomKnown = p.dec.PeekKind() == '{'
		p.fields(m, Custom)
	case "actions":
		m.Actions = p.calls()
	case "queries":
		m.Queries = p.calls()
	default:
		p.skip()
	}
}

func (p *metadataParser) fields(m *Metadata, role Role) {
	p.members(func(name string) {
		f := Field{Role: role, Name: name}
		if role == Custom {
			f.Name, f.Label = custom+name, name
		}
		p.members(func(member string) {
			switch member {
			case "label":
				f.Label = p.text()
			case "fieldType", "type":
				f.Type = p.text()
			case "typeObjCode":
				f.Target = p.text()
			case "flags":
				f.Flags = p.texts()
			case "possibleValues":
				f.Values = p.values()
			default:
				p.skip()
			}
		})
		m.Fields = append(m.Fields, f)
	})
}

func (p *metadataParser) values() []Value {
	var values []Value
	p.elements(func() {
		var v Value
		p.members(func(name string) {
			switch name {
			case "value":
				v.Value = p.text()
			case "label":
				v.Label = p.text()
			default:
				p.skip()
			}
		})
		values = append(values, v)
	})
	return values
}

func (p *metadataParser) calls() []Call {
	var calls []Call
	p.members(func(name string) {
		c := Call{Name: name}
		p.members(func(member string) {
			switch member {
			case "label":
				c.Label = p.text()
			case "resultType":
				c.Result = p.text()
			case "arguments":
				p.elements(func() {
					var a Argument
					p.members(func(of string) {
						switch of {
						case "name":
							a.Name = p.text()
						case "type":
							a.Type = p.text()
						default:
							p.skip()
						}
					})
					c.Arguments = append(c.Arguments, a)
				})
			default:
				p.skip()
			}
		})
		calls = append(calls, c)
	})
	return calls
}

// members calls f for the members of an object, before the value of each; another value is skipped.
func (p *metadataParser) members(f func(name string)) {
	p.nested('{', func() {
		name, err := p.dec.ReadToken()
		if err != nil {
			p.err = err
			return
		}
		f(name.String())
	})
}

// elements calls f before each element of an array; another value is skipped.
func (p *metadataParser) elements(f func()) { p.nested('[', f) }

func (p *metadataParser) nested(kind jsontext.Kind, f func()) {
	if p.err != nil {
		return
	}
	if p.dec.PeekKind() != kind {
		p.skip()
		return
	}
	_, p.err = p.dec.ReadToken()
	for p.err == nil {
		switch p.dec.PeekKind() {
		case '}', ']':
			_, p.err = p.dec.ReadToken()
			return
		case 0: // the decoder keeps its error for the next read
			_, p.err = p.dec.ReadToken()
			if p.err == nil {
				p.err = io.ErrUnexpectedEOF
			}
			return
		}
		f()
	}
}

// text reads a string, or a number or truth value as it is written; null and what is nested are no text.
func (p *metadataParser) text() string {
	if p.err != nil {
		return ""
	}
	v, err := p.dec.ReadValue()
	if err != nil {
		p.err = err
		return ""
	}
	switch v.Kind() {
	case '"':
		text, _ := jsontext.AppendUnquote(nil, v) // bytes that are not UTF-8 have become U+FFFD
		return string(text)
	case '0', 't', 'f':
		return string(v)
	}
	return ""
}

func (p *metadataParser) texts() []string {
	var all []string
	p.elements(func() {
		if text := p.text(); text != "" {
			all = append(all, text)
		}
	})
	return all
}

func (p *metadataParser) skip() {
	if p.err == nil {
		p.err = p.dec.SkipValue()
	}
}
