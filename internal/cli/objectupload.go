package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// uploadFlags are an upload as the command line says it.
type uploadFlags struct {
	to, name, fields string
	transferFlags
}

func newUploadCmd(a *app, o objects.Object) *cobra.Command {
	var flags uploadFlags
	cmd := &cobra.Command{
		Use:   "upload FILE… --to OBJECT/ID",
		Short: "Make documents of files",
		Long: `Send files and make each a document of an object, as proj/ID, task/ID or issue/ID. What is printed is the document: one JSON object for
one file, and a line for each of several.

A file of any size is read as it is sent. - is stdin, which wants --name; it is kept in a private temporary file first, because the
length of what is sent has to be known. A document is named as its file is.

What fails is told on stderr and leaves the other files alone: exit status 5 if some were uploaded and others not.`,
		Example: `  wfauth docu upload brief.pdf --to proj/58d389be000000deb46805b72b41e3b4
  wfauth docu upload *.png --to task/58d389be000000deb46805b72b41e3b4 --concurrency 4 --jq .ID
  wfauth docu upload - --name plan.csv --to issue/58d389be000000deb46805b72b41e3b4`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.upload(cmd, o, args, flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.to, "to", "", "the object that the documents belong to, as `OBJECT/ID`")
	f.StringVar(&flags.name, "name", "", "the `NAME` of the document, if not the file's")
	f.StringVar(&flags.fields, "fields", "", "the fields to print, `a,b`")
	flags.add(cmd)
	return cmd
}

func (a *app) upload(cmd *cobra.Command, o objects.Object, args []string, flags uploadFlags) error {
	help := cmd.CommandPath() + " --help"
	if err := flags.check(cmd); err != nil {
		return err
	}
	switch {
	case len(args) == 0:
		return usagef(help, "FILE is missing")
	case flags.to == "":
		return usagef(help, "--to is missing: it says what the documents belong to, as proj/58d389be000000deb46805b72b41e3b4")
	case len(args) > 1 && flags.name != "":
		return usagef(help, "--name is for one file, and there are %d", len(args))
	}
	to, err := a.holderOf(cmd, "to", flags.to)
	if err != nil {
		return err
	}
	selected, err := parseSelection(cmd, flags.fields)
	if err != nil {
		return a.wrongName(cmd, err)
	}
	files, total, err := sourcesOf(args, flags.name)
	if err != nil {
		return usagef(help, "%v", err)
	}
	check := func(known objects.Known) error { return objects.CheckPaths(selected.paths, o, known) }
	return a.onObject(cmd, o, flags.waits, check, func(c *objectCall) error {
		if err := c.there(to); err != nil {
			return err
		}
		t := &transfers{objectCall: c, transferFlags: flags.transferFlags, moved: "uploaded"}
		for _, f := range files {
			t.names = append(t.names, f.path)
		}
		return t.run(total, func(ctx context.Context, i int) (jsontext.Value, error) {
			return t.uploadOne(ctx, files[i], to, selected)
		})
	})
}

// uploadOne sends a file and makes a document of it. As long as there is only the file nothing has happened that anyone could see.
func (t *transfers) uploadOne(ctx context.Context, f source, to holder, selected selection) (jsontext.Value, error) {
	handle, err := t.send(ctx, f)
	if err != nil {
		return nil, err
	}
	r := workfront.Request{
		Method: http.MethodPost, Path: t.object.Request(objects.Create, "", "").Path,
		Fields: append([]workfront.Field{{Key: "updates", Value: documentOf(f.name, handle, to)}}, fieldsOf(selected.params())...),
	}
	rows, err := t.rows(ctx, r)
	if err != nil {
		return nil, err
	}
	if len(rows) != 1 {
		return nil, &workfront.MaybeDoneError{Err: errors.New("the answer does not show the document")}
	}
	return rows[0], nil
}

// send sends the file, and gives the handle that stands for it.
func (t *transfers) send(ctx context.Context, f source) (handle string, err error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	sent, err := f.open(ctx, t.app, end)
	if err != nil {
		return "", err
	}
	defer sent.close()
	sent.progress = t.progress
	answer, err := t.client.Do(ctx, workfront.Request{
		Path: "upload", Repeatable: true, Files: []workfront.File{{Key: "uploadedFile", Name: f.name, Content: sent, Size: sent.size}},
	})
	if answer != nil {
		defer answer.Body.Close()
	}
	if err == nil {
		err = sent.unchanged()
	}
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if handle = output.Text(output.Member(output.Member(body, "data"), "handle")); handle == "" {
		return "", errors.New("the answer to the upload has no handle")
	}
	return handle, nil
}

// documentOf is what a document is made from, as Workfront's guide has it.
func documentOf(name, handle string, to holder) string {
	quoted := func(text string) string {
		q, _ := jsontext.AppendQuote(nil, text) // names are UTF-8
		return string(q)
	}
	return fmt.Sprintf(`{"name":%s,"handle":%s,"docObjCode":%s,"objID":%s,"currentVersion":{"version":"v1.0","fileName":%s}}`,
		quoted(name), quoted(handle), quoted(to.object.Code), quoted(to.id.String()), quoted(name))
}

// sourcesOf are the files that a command line names, and how many bytes they have in all; 0 if that is not known.
func sourcesOf(args []string, name string) (files []source, total int64, err error) {
	known, stdin := true, false
	for _, arg := range args {
		f := source{path: arg, name: name}
		if arg == "-" {
			switch {
			case name == "":
				return nil, 0, errors.New("stdin has no name: give it one with --name")
			case stdin:
				return nil, 0, errors.New("stdin can be read once only")
			}
			stdin, known = true, false
			files = append(files, f)
			continue
		}
		info, err := os.Stat(arg)
		switch {
		case err != nil:
			return nil, 0, err
		case info.IsDir():
			return nil, 0, fmt.Errorf("%s is a folder", arg)
		case info.Mode().IsRegular():
			file, err := os.Open(arg)
			if err != nil {
				return nil, 0, err
			}
			file.Close()
			total += info.Size()
		default:
			known = false // its length is what comes out of it
		}
		if f.name == "" {
			f.name = strings.ToValidUTF8(filepath.Base(arg), "_")
		}
		files = append(files, f)
	}
	if !known {
		total = 0
	}
	return files, total, nil
}
