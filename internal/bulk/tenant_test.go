package bulk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A tenant is the server of these tests: its books say what really happened.
type tenant struct {
	alone bool // the good rows of a refused batch are done

	mu       sync.Mutex
	objects  map[string]*thing
	made     int
	requests []Batch
	finds    int
}

type thing struct {
	id      string
	fields  map[string]jsontext.Value
	entered time.Time
	parent  string
}

func newTenant(alone bool) *tenant { return &tenant{alone: alone, objects: map[string]*thing{}} }

func (s *tenant) add(fields map[string]jsontext.Value) *thing {
	s.made++
	if fields == nil {
		fields = map[string]jsontext.Value{}
	}
	o := &thing{id: fmt.Sprintf("%032x", s.made), fields: fields, entered: time.Now()}
	s.objects[o.id] = o
	return o
}

// text is the value of a field as text.
func (r Row) text(name string) string {
	text, _ := plain(r.value(name))
	return text
}

var errNotFound = &Refused{Message: `Parameter with primary key value(s) not found`, NotFound: true}

// one does one row. A name that begins with "bad" is refused; "twin" only while another twin is there; "odd" loses its blanks.
func (s *tenant) one(b Batch, row Row) (*thing, error) {
	name := row.text("name")
	switch {
	case strings.HasPrefix(name, "bad"):
		return nil, &Refused{Message: "Invalid Parameter: name value " + name}
	case name == "twin" && slices.ContainsFunc(slices.Collect(maps.Values(s.objects)), func(o *thing) bool { return string(o.fields["name"]) == `"twin"` && o.id != row.ID }):
		return nil, &Refused{Message: "there is a twin"}
	}
	fields := map[string]jsontext.Value{}
	for _, f := range row.Fields {
		fields[f.Name] = f.Value
		if text, ok := plain(f.Value); ok && strings.HasPrefix(text, "odd") {
			fields[f.Name] = appendQuoted(nil, strings.ReplaceAll(text, " ", ""))
		}
	}
	if b.Verb == Create {
		return s.add(fields), nil
	}
	o := s.objects[row.ID]
	if o == nil {
		return nil, errNotFound
	}
	if b.Verb == Delete {
		if strings.HasPrefix(string(o.fields["name"]), `"bad`) {
			return nil, &Refused{Message: "You do not have sufficient access to delete this"}
		}
		delete(s.objects, row.ID)
		maps.DeleteFunc(s.objects, func(_ string, child *thing) bool { return child.parent == row.ID })
		return nil, nil
	}
	changed := *o
	changed.fields = maps.Clone(o.fields)
	maps.Copy(changed.fields, fields)
	s.objects[row.ID] = &changed
	return &changed, nil
}

// do does a batch, or refuses it.
func (s *tenant) do(b Batch) ([]jsontext.Value, error) {
	before, made := maps.Clone(s.objects), s.made
	var answer []jsontext.Value
	var refused error
	for _, row := range b.Rows {
		o, err := s.one(b, row)
		if err != nil && refused == nil {
			refused = err
		}
		if o != nil {
			answer = append(answer, o.json())
		}
	}
	if refused != nil {
		if b.Atomic || !s.alone {
			s.objects, s.made = before, made
		}
		return nil, refused
	}
	if b.Atomic {
		return nil, nil
	}
	return answer, nil
}

func (o *thing) json() jsontext.Value {
	row := Row{ID: o.id}
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		row.Fields = append(row.Fields, Field{name, o.fields[name]})
	}
	return row.appendObject(nil)
}

// send is a Send without faults; the last row is answered first.
func (s *tenant) send(_ context.Context, b Batch) (Answer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, b)
	answer, err := s.do(b)
	slices.Reverse(answer)
	return Answer{Objects: answer}, err
}

func (s *tenant) find(_ context.Context, field string, values, _ []string) ([]jsontext.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finds++
	var there []jsontext.Value
	for _, o := range s.objects {
		text, _ := plain(o.fields[field])
		if field == "ID" {
			text = o.id
		}
		if slices.ContainsFunc(values, func(v string) bool { return strings.EqualFold(v, text) }) { // it knows no case
			there = append(there, o.json())
		}
	}
	return there, nil
}

func (s *tenant) own(_ context.Context, since, until time.Time, _ []string) ([]jsontext.Value, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var mine []jsontext.Value
	for _, o := range s.objects {
		if !o.entered.Before(since) && (until.IsZero() || !o.entered.After(until)) {
			mine = append(mine, o.json())
		}
	}
	return mine, nil
}

func same(sent, got jsontext.Value) bool {
	if got == nil || got.Kind() == 'n' {
		return sent.Kind() == 'n'
	}
	return bytes.Equal(sent, got)
}

// job is one at this tenant, without faults.
func (s *tenant) job(sheet *Sheet, j *Journal) Job {
	return Job{Sheet: sheet, Journal: j, Send: s.send, Find: s.find, Own: s.own, Same: same}
}

// with counts the objects that have a value.
func (s *tenant) with(name, text string) (n int) {
	for _, o := range s.objects {
		if got, _ := plain(o.fields[name]); got == text {
			n++
		}
	}
	return n
}

var errCut = errors.New("the connection broke")
