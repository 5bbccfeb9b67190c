package cli

import (
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
)

func newObjectsCmd(a *app) *cobra.Command {
	rows := rowFlags{array: true}
	cmd := &cobra.Command{
		Use:   "objects [TEXT]",
		Short: "List the types of objects, by code, name and label",
		Long: `List the types of objects that Workfront has, each with its code, its name and the label that people read on the screen; with
TEXT, those that have it in one of these. A code or a name, in any case, is a command: wfauth proj, wfauth project.`,
		Example: "  wfauth objects\n  wfauth objects team\n  wfauth objects -o csv",
		Args:    atMostArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := rows.check(cmd); err != nil {
				return err
			}
			return a.listObjects(cmd, append(args, "")[0], rows)
		},
	}
	rows.add(cmd)
	return cmd
}

func (a *app) listObjects(cmd *cobra.Command, text string, rows rowFlags) error {
	to, err := a.destination(cmd.Context(), rows.out)
	if err != nil {
		return err
	}
	var list []jsontext.Value
	for _, o := range objects.Matching(text) {
		row, err := marshal(struct {
			Code  string `json:"code"`
			Name  string `json:"name"`
			Label string `json:"label"`
		}{o.Code, o.Name, o.Label})
		if err != nil {
			return to.end(err)
		}
		list = append(list, row)
	}
	if len(list) == 0 {
		what := "no object has " + text + " in its code, name or label"
		if _, err := objects.Lookup(text); err != nil {
			what = err.Error()
		}
		a.note(what)
	}
	return to.end(a.writeRows(cmd.Context(), to, rows, []string{"code", "name", "label"}, nil, list))
}
