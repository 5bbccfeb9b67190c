package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
)

// addDocumentCmds adds the verbs that documents alone have.
func addDocumentCmds(a *app, o objects.Object, cmd *cobra.Command) {
	if o.Code != "DOCU" {
		return
	}
	cmd.AddCommand(newUploadCmd(a, o), newDownloadCmd(a, o))
	cmd.Short += ", upload, download"
	cmd.Long = strings.Replace(cmd.Long, "\n\n", "\nTheir files are uploaded and downloaded, several at a time.\n\n", 1)
	cmd.Example += "\n  wfauth " + cmd.Name() + " upload brief.pdf --to proj/58d389be000000deb46805b72b41e3b4" +
		"\n  wfauth " + cmd.Name() + " download --of proj/58d389be000000deb46805b72b41e3b4 --out documents/"
}

// holder is an object that documents belong to.
type holder struct {
	object objects.Object
	id     id
}

func (h holder) String() string { return h.object.Path() + "/" + h.id.String() }

// holderOf reads OBJECT/ID, the value of a flag.
func (a *app) holderOf(cmd *cobra.Command, flag, text string) (h holder, err error) {
	help := cmd.CommandPath() + " --help"
	name, number, ok := strings.Cut(text, "/")
	if !ok {
		return h, usagef(help, "--%s %s: an object and its ID are wanted, as proj/58d389be000000deb46805b72b41e3b4", flag, text)
	}
	if h.object, err = objects.Lookup(name); err != nil {
		return h, usagef("wfauth objects", "--%s %s: %v", flag, text, err)
	}
	if h.id, err = parseID(number); err != nil {
		return h, usagef(help, "--%s %s: %v", flag, text, err)
	}
	return h, nil
}

// there makes sure that an object is there before anything is done for it.
func (c *objectCall) there(h holder) error {
	g := getting{objectCall: &objectCall{c.app, c.cmd, h.object, c.ctx, c.client, c.cache}, selected: selectionOf("ID")}
	found, err := g.fetch([]id{h.id})
	switch {
	case err != nil:
		return err
	case len(found) > 0:
		return nil
	case g.refused != nil:
		return g.refused
	}
	return &missingError{missing: 1, of: 1, what: h.object.Path() + " " + h.id.String()}
}

// selectionOf are fields that a command asks for by itself.
func selectionOf(fields string) selection {
	return selection{text: fields, paths: make([]objects.Path, 0)}
}
