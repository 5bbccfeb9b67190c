package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
)

func newObjectDescribeCmd(a *app, o objects.Object, e examples) *cobra.Command {
	var match string
	var refresh bool
	var waits waitFlags
	rows := rowFlags{array: true}
	cmd := &cobra.Command{
		Use:   "describe [" + strings.Join(objects.Parts(), "|") + "]",
		Short: "List fields, references, collections, actions and queries",
		Long: `List what an object has in this tenant, or one part of that: fields (also the custom ones, DE:Name) with their types and the values
that they can have, references to one object and collections of several, actions, and queries, with their arguments. It is a table
at a terminal, a JSON array elsewhere, or what -o says.

What Workfront says is kept for a day; --refresh asks anew.`,
		Example: e.describe,
		Args:    atMostArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			part := append(args, "")[0]
			if part != "" {
				if err := objects.CheckPart(part); err != nil {
					return a.wrongName(cmd, err)
				}
			}
			return a.onObject(cmd, o, waits, func(objects.Known) error { return nil }, func(c *objectCall) error {
				m := c.cache.known(o.Code)
				if m == nil || refresh {
					var err error
					if m, err = c.fetchMetadata(c.ctx, o.Code); err != nil {
						return err
					}
				}
				return c.describe(m, part, match, rows)
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&match, "match", "", "only what has this `TEXT` in its name, its label or its values")
	f.BoolVar(&refresh, "refresh", false, "ask Workfront, whatever is known from before")
	waits.add(cmd)
	rows.add(cmd)
	return cmd
}

func (c *objectCall) describe(m *objects.Metadata, part, match string, rows rowFlags) error {
	to, err := c.destination(c.ctx, rows.out)
	if err != nil {
		return err
	}
	var list []jsontext.Value
	for _, d := range descriptions(m) {
		if part != "" && d.Part != part || !d.holds(match) {
			continue
		}
		row, err := d.row(rows.lines(to))
		if err != nil {
			return to.end(err)
		}
		list = append(list, row)
	}
	columns := []string{"part", "name", "label", "type", "values", "arguments", "flags"}
	switch part {
	case "":
	case "actions", "queries":
		columns = []string{"name", "label", "type", "arguments"}
	default:
		columns = slices.DeleteFunc(columns[1:], func(name string) bool { return name == "arguments" })
	}
	switch {
	case len(list) > 0:
	case match == "":
		c.note(fmt.Sprintf("%s has no %s", strings.ToLower(m.Code), part))
	default:
		c.note(fmt.Sprintf("nothing of %s has %q in it", strings.ToLower(m.Code), match))
	}
	return to.end(c.writeRows(c.ctx, to, rows, columns, nil, list))
}

// lines tells whether a cell is to be read by people, on one line.
func (r *rowFlags) lines(to destination) bool {
	if r.format == "" {
		return to.terminal && r.program == nil
	}
	return slices.Contains([]output.Format{output.CSV, output.TSV, output.Table}, r.format)
}

// description is one thing that an object has.
type description struct {
	Part      string             `json:"part"`
	Name      string             `json:"name"`
	Label     string             `json:"label,omitempty"`
	Type      string             `json:"type,omitempty"`
	Target    string             `json:"target,omitempty"` // of a reference or collection
	Values    []objects.Value    `json:"-"`
	Arguments []objects.Argument `json:"-"`
	Flags     []string           `json:"-"`
}

func descriptions(m *objects.Metadata) (all []description) {
	parts := objects.Parts()
	for i, roles := range [...]string{"fx", "r", "c"} {
		for _, role := range roles {
			for f := range m.Having(objects.Role(role)) {
				all = append(all, description{
					Part: parts[i], Name: f.Name, Label: f.Label, Type: f.Type, Target: strings.ToLower(f.Target), Values: f.Values, Flags: f.Flags,
				})
			}
		}
	}
	for i, calls := range [...][]objects.Call{m.Actions, m.Queries} {
		for _, call := range calls {
			all = append(all, description{Part: parts[3+i], Name: call.Name, Label: call.Label, Type: call.Result, Arguments: call.Arguments})
		}
	}
	return all
}

// holds says whether a text stands in what people know it by.
func (d *description) holds(text string) bool {
	text = strings.ToLower(text)
	where := []string{d.Name, d.Label}
	for _, v := range d.Values {
		where = append(where, v.Value, v.Label)
	}
	return slices.ContainsFunc(where, func(s string) bool { return strings.Contains(strings.ToLower(s), text) })
}

// row is the description for programs, or with lists as text for people.
func (d *description) row(lines bool) (jsontext.Value, error) {
	type pair struct {
		Value string `json:"value"`
		Label string `json:"label"`
	}
	type argument struct {
		Name string `json:"name"`
		Type string `json:"type"`
	}
	var values []pair
	var arguments []argument
	var valueTexts, argumentTexts []string
	for _, v := range d.Values {
		values, valueTexts = append(values, pair(v)), append(valueTexts, v.String())
	}
	for _, a := range d.Arguments {
		arguments, argumentTexts = append(arguments, argument(a)), append(argumentTexts, strings.TrimSpace(a.Name+" "+a.Type))
	}
	if lines {
		return marshal(struct {
			description
			Values    string `json:"values,omitempty"`
			Arguments string `json:"arguments,omitempty"`
			Flags     string `json:"flags,omitempty"`
		}{*d, strings.Join(valueTexts, ", "), strings.Join(argumentTexts, ", "), strings.Join(d.Flags, " ")})
	}
	return marshal(struct {
		description
		Values    []pair     `json:"values,omitempty"`
		Arguments []argument `json:"arguments,omitempty"`
		Flags     []string   `json:"flags,omitempty"`
	}{*d, values, arguments, d.Flags})
}

// marshal keeps <, > and & as they are.
func marshal(v any) (jsontext.Value, error) {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), err
}
