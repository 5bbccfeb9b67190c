package cli

import (
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/bulk"
	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

func newObjectActionCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var rehearses bool
	var waits waitFlags
	var rows rowFlags
	cmd := &cobra.Command{
		Use:   "action NAME [ID] [k=v…]",
		Short: "Have Workfront do something with it",
		Long: `Have Workfront do something that it has a name for, with the object that has an ID or with none, and print its result.
describe actions lists the names and their arguments. k=v is an argument, k=null nothing, k=@FILE what a file holds, and k:=JSON is taken as it is.`,
		Example: e.action,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			if len(args) == 0 {
				return usagef(cmd.CommandPath()+" --help", "NAME is missing")
			}
			name, rest, target := args[0], args[1:], ""
			if len(rest) > 0 {
				if i, err := parseID(rest[0]); err == nil {
					target, rest = i.String(), rest[1:]
				}
			}
			all, err := a.assignments(cmd, rest)
			if err != nil {
				return err
			}
			return a.onWrite(cmd, o, waits, rehearses, func(w *writing) error { return w.act(name, target, all, rows) })
		},
	}
	addDryRun(cmd, &rehearses)
	waits.add(cmd)
	rows.add(cmd)
	return cmd
}

// act runs an action. Its name and arguments are looked up in the metadata, which may not know all of them.
func (w *writing) act(name, id string, all []objects.Assignment, rows rowFlags) error {
	var fields []bulk.Field
	err := w.typing(func(m *objects.Metadata) error {
		fields = nil
		if err := w.object.Action(name, m); err != nil {
			return err
		}
		var call *objects.Call
		if m != nil {
			call = m.Action(name)
		}
		for _, a := range all {
			v, err := call.Assigned(a)
			if err != nil {
				return err
			}
			fields = append(fields, bulk.Field{Name: a.Name, Value: v})
		}
		return nil
	})
	if err != nil {
		return w.wrongName(w.cmd, err)
	}
	e := w.object.Request(objects.Action, name, id)
	r := workfront.Request{Method: e.Method, Path: e.Path}
	if len(fields) > 0 {
		r.Fields = []workfront.Field{{Key: "updates", Value: updates(fields)}}
	}
	if w.rehearses {
		return w.rehearse(r)
	}
	answer, err := w.client.Do(w.ctx, r)
	if answer != nil {
		defer answer.Body.Close()
	}
	if err != nil {
		return err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return &workfront.MaybeDoneError{Err: err}
	}
	result := resultOf(body)
	if result.Kind() == '{' || !rows.asRows() {
		return w.printOne(result, nil, rows)
	}
	return fmt.Errorf("%s was done, and -o %s wants rows: its result is %s", name, rows.format, result)
}

// resultOf is what an action has given back: its result, or whatever stands in its place.
func resultOf(body []byte) jsontext.Value {
	result := jsontext.Value(body)
	for _, name := range [...]string{"data", "result"} {
		if result.Kind() != '{' {
			break
		}
		if inner := output.Member(result, name); inner != nil {
			result = inner
		}
	}
	if len(result) == 0 {
		return jsontext.Value("null")
	}
	return result.Clone()
}
