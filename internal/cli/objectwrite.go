package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/config"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/terminal"
	"github.com/wfauth/wfauth/internal/workfront"
)

// writing is a verb that changes something, being run.
type writing struct {
	*objectCall
	rehearses bool // --dry-run: what would be sent is printed
}

// onWrite runs such a verb.
func (a *app) onWrite(cmd *cobra.Command, o objects.Object, waits waitFlags, rehearses bool, do func(*writing) error) error {
	check := func(objects.Known) error { return nil } // by what is asked for anew, not only by what is remembered
	return a.onObject(cmd, o, waits, check, func(c *objectCall) error { return do(&writing{c, rehearses}) })
}

func addDryRun(cmd *cobra.Command, rehearses *bool) {
	cmd.Flags().BoolVar(rehearses, "dry-run", false, "print the requests that would change something, one a line, and send none of them")
}

// typing gives do the metadata by which values are typed, nil where the tenant does not tell. If what was remembered does not know a
// name, the tenant is asked anew before that is an error: a custom field may be of today.
func (w *writing) typing(do func(*objects.Metadata) error) error {
	if m := w.cache.known(w.object.Code); m != nil {
		err := do(m)
		if _, unknown := errors.AsType[*objects.Unknown](err); !unknown {
			return err
		}
	}
	m, err := w.fetchMetadata(w.ctx, w.object.Code)
	refusal, refused := errors.AsType[*workfront.Refusal](err)
	_, strange := errors.AsType[*metadataError](err)
	switch {
	case refused && refusal.SessionGone:
		return err
	case refused, strange:
		w.note(fmt.Sprintf("values go as text, for there is no metadata of %s: %v", w.object.Path(), err))
		m = nil
	case err != nil:
		return err
	}
	return do(m)
}

// assigned makes the fields of what was typed: f=v, f=null, f=@FILE, f:=JSON.
func (w *writing) assigned(m *objects.Metadata, all []objects.Assignment) ([]bulk.Field, error) {
	var fields []bulk.Field
	for _, a := range all {
		if name := a.Name; name == "ID" || name == "copySourceID" {
			return nil, usagef(w.cmd.CommandPath()+" --help", "%s=: it is no field that can be written", name)
		}
		if err := m.Writable(a.Name); err != nil {
			return nil, err
		}
		v, err := a.Value(m)
		if err != nil {
			return nil, err
		}
		fields = append(fields, bulk.Field{Name: a.Name, Value: v})
		if unknown := m.Note(a.Name, a.Text); unknown != nil && a.Form == objects.Text {
			w.note(unknown.Error())
		}
		if m.Replaces(a.Name) && a.Form != objects.Null {
			w.note(a.Name + ": what is written takes the place of all that was there")
		}
	}
	return fields, nil
}

// assignments reads the arguments of a write, and the files that they name.
func (a *app) assignments(cmd *cobra.Command, args []string) ([]objects.Assignment, error) {
	all, err := objects.ParseAssignments(args)
	if err != nil {
		return nil, a.wrongName(cmd, err)
	}
	for i, assignment := range all {
		if assignment.Form != objects.File {
			continue
		}
		text, err := os.ReadFile(assignment.Text)
		if err != nil {
			return nil, usagef("", "%s=@: %v", assignment.Name, err)
		}
		all[i].Form, all[i].Text = objects.Text, config.Line(string(text))
	}
	return all, nil
}

// change is one request that changes one object or makes one.
type change struct {
	verb, id string
	fields   []bulk.Field
	query    []workfront.Field // beside what is written
	m        *objects.Metadata
	selected selection // of --fields
}

// askedBack are the names by which what was written is seen again.
func askedBack(m *objects.Metadata, fields []bulk.Field, more ...string) []string {
	names := []string{"ID"}
	add := func(list []string) {
		for _, name := range list {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, f := range fields {
		add(m.AskedBack(f.Name, f.Value))
	}
	add(more)
	return names
}

// updates are fields as the parameter of that name.
func updates(fields []bulk.Field) string {
	object := []byte("{")
	for i, f := range fields {
		if i > 0 {
			object = append(object, ',')
		}
		object, _ = jsontext.AppendQuote(object, f.Name) // what is not UTF-8 becomes U+FFFD
		object = append(append(object, ':'), f.Value...)
	}
	return string(append(object, '}'))
}

// changing is what a change is sent as.
func (w *writing) changing(c change, names []string) workfront.Request {
	e := w.object.Request(c.verb, "", c.id)
	r := workfront.Request{Method: e.Method, Path: withQuery(e.Path, c.query)}
	r.Fields = append(r.Fields, workfront.Field{Key: "updates", Value: updates(c.fields)}, workfront.Field{Key: "fields", Value: fieldArray(names)})
	return r
}

func withQuery(path string, query []workfront.Field) string {
	if len(query) == 0 {
		return path
	}
	values := url.Values{}
	for _, f := range query {
		values.Add(f.Key, f.Value)
	}
	return path + "?" + values.Encode()
}

// write sends a change, compares what came of it with what was written, and prints the object.
func (w *writing) write(c change, rows rowFlags) error {
	names := askedBack(c.m, c.fields, workfront.FieldNames(c.selected.text)...)
	r := w.changing(c, names)
	if w.rehearses {
		return w.rehearse(r)
	}
	object, err := w.sendOne(r)
	if err != nil {
		return err
	}
	w.compare(c, names, object)
	return w.printOne(object, names, rows)
}

// sendOne sends a change and gives the object that came back.
func (w *writing) sendOne(r workfront.Request) (jsontext.Value, error) {
	rows, err := w.rows(w.ctx, r)
	if err == nil && len(rows) != 1 {
		err = &workfront.MaybeDoneError{Err: fmt.Errorf("the answer has %d objects", len(rows))}
	}
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// compare names the fields that did not take their value, which Workfront does not do. What the answer does not show is asked for.
func (w *writing) compare(c change, names []string, object jsontext.Value) {
	var read jsontext.Value
	for _, f := range c.fields {
		if len(c.m.AskedBack(f.Name, f.Value)) == 0 {
			continue
		}
		got := output.Member(object, f.Name)
		if got == nil && read == nil {
			read = w.readBack(output.Text(output.Member(object, "ID")), names)
		}
		if got == nil {
			got = output.Member(read, f.Name)
		}
		switch {
		case got == nil:
			w.note(f.Name + ": Workfront does not show it again, so that it took the value is not known")
		case !objects.Same(f.Value, got):
			w.note(fmt.Sprintf("%s did not take the value %s: it is %s", f.Name, terminal.Clip(string(f.Value)), terminal.Clip(string(got))))
		}
	}
}

// readBack asks for an object; nothing came where that fails, for the change was done.
func (w *writing) readBack(id string, names []string) jsontext.Value {
	none := jsontext.Value("{}")
	if id == "" {
		return none
	}
	e := w.object.Request(objects.Get, "", id)
	object, err := w.sendOne(workfront.Request{Path: e.Path, Fields: []workfront.Field{{Key: "fields", Value: fieldArray(names)}}})
	if err != nil {
		return none
	}
	return object
}

// rehearse prints a request as it would be sent.
func (w *writing) rehearse(r workfront.Request) error {
	path, query, _ := strings.Cut(r.Path, "?")
	line, _ := jsontext.AppendQuote([]byte(`{"method":`), r.Method)
	line, _ = jsontext.AppendQuote(append(line, `,"path":`...), "/attask/api/"+w.client.Version+"/"+path)
	inQuery, inForm := workfront.QueryOf("?"+query), r.Fields
	if r.Method == http.MethodDelete {
		inQuery, inForm = append(inQuery, r.Fields...), nil
	}
	for _, part := range [...]struct {
		name   string
		fields []workfront.Field
	}{{"query", inQuery}, {"form", inForm}} {
		if len(part.fields) == 0 {
			continue
		}
		line, _ = jsontext.AppendQuote(append(line, ','), part.name)
		line = append(line, ":{"...)
		for i, f := range part.fields {
			if i > 0 {
				line = append(line, ',')
			}
			line, _ = jsontext.AppendQuote(line, f.Key)
			line = append(line, ':')
			if v := jsontext.Value(f.Value); (f.Key == "updates" || f.Key == "fields") && v.IsValid() {
				line = append(line, v...)
				continue
			}
			line, _ = jsontext.AppendQuote(line, f.Value)
		}
		line = append(line, '}')
	}
	_, err := w.stdout(w.ctx).shown().Write(append(line, "}\n"...))
	return err
}
