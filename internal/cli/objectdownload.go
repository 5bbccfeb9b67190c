package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/objects"
	"github.com/wfauth/wfauth/internal/output"
	"github.com/wfauth/wfauth/internal/workfront"
)

// downloadFlags are a download as the command line says it.
type downloadFlags struct {
	of, input, out string
	transferFlags
}

func newDownloadCmd(a *app, o objects.Object) *cobra.Command {
	var flags downloadFlags
	cmd := &cobra.Command{
		Use:   "download ID… | --of OBJECT/ID | --input FILE",
		Short: "Save documents as files",
		Long: `Save the files of documents, those with these IDs or all that belong to an object, in the current folder or where --out says: a folder if it
is one or ends in /, a file otherwise, which is replaced when all is there, or - for stdout. What is printed is where each went: one JSON
object for one, and a line for each of several.

In a folder a file has the name that it has at Workfront, made safe: it is one name, without control characters, reserved names or a
leading dot, of at most 255 bytes. No file is ever replaced there; the second is called "name (2).pdf".

A file has its name when it is whole and of the right size. If a download is interrupted, what has come stays in a hidden file beside
it (.wfauth-….part), and the same command goes on from there, provided that the server sends parts of files and says by what it
knows them; otherwise nothing stays.

What fails is told on stderr and leaves the other files alone: exit status 5 if some were downloaded and others not.`,
		Example: `  wfauth docu download 58d389be000000deb46805b72b41e3b4
  wfauth docu download --of proj/58d389be000000deb46805b72b41e3b4 --out documents/
  wfauth docu download 58d389be000000deb46805b72b41e3b4 --out - | head -n 3`,
		RunE: func(cmd *cobra.Command, args []string) error { return a.download(cmd, o, args, flags) },
	}
	f := cmd.Flags()
	f.StringVar(&flags.of, "of", "", "all documents that belong to this `OBJECT/ID`")
	f.StringVar(&flags.input, "input", "", "the IDs are in this `FILE`, as those of get; - is stdin")
	f.StringVar(&flags.out, "out", "", "save them in this `FOLDER`, or the only one in this file; - is stdout")
	flags.add(cmd)
	return cmd
}

func (a *app) download(cmd *cobra.Command, o objects.Object, args []string, flags downloadFlags) error {
	help := cmd.CommandPath() + " --help"
	if err := flags.check(cmd); err != nil {
		return err
	}
	if err := onlyOne(cmd, "of", "input"); err != nil {
		return err
	}
	if flags.of != "" && len(args) > 0 {
		return usagef(help, "--of and an ID cannot be given together")
	}
	if flags.out == "-" && flags.program != nil {
		return usagef(help, "--jq and --out - cannot be given together: stdout is the file's")
	}
	var ids []id
	var of holder
	var err error
	if flags.of != "" {
		of, err = a.holderOf(cmd, "of", flags.of)
	} else if ids, err = a.idsOf(cmd, args, flags.input); err == nil {
		ids = unique(ids)
	}
	if err != nil {
		return err
	}
	to, err := placeOf(cmd, flags.out)
	if err == nil && len(ids) > 1 {
		err = to.holds(len(ids), cmd)
	}
	if err != nil {
		return err
	}
	return a.onObject(cmd, o, flags.waits, func(objects.Known) error { return nil }, func(c *objectCall) error {
		documents, err := c.documents(ids, of, flags.concurrency)
		if err == nil && len(documents) == 0 {
			c.note(flags.of + " has no documents")
			return nil
		}
		if err == nil {
			err = to.holds(len(documents), cmd)
		}
		if err == nil {
			err = to.open()
		}
		if err != nil {
			return err
		}
		t := &transfers{objectCall: c, transferFlags: flags.transferFlags, moved: "downloaded"}
		for _, d := range documents {
			t.names = append(t.names, d.String())
		}
		return t.run(sizeOf(documents), func(ctx context.Context, i int) (jsontext.Value, error) { return t.downloadOne(ctx, documents[i], to) })
	})
}

// document is what there is to know of one before it is downloaded.
type document struct {
	id             id
	key            string // by which parts of just this version are known
	name, fileName string
	url            string // empty: it is not there
	size           int64  // 0: none, or not known
	missing        error
}

func (d document) String() string {
	return strings.TrimSpace("docu " + d.id.String() + " " + d.name)
}

const documentFields = "ID,name,downloadURL,currentVersion:ID,currentVersion:fileName,currentVersion:docSize"

// documents are those with these IDs or, without any, those that belong to an object.
func (c *objectCall) documents(ids []id, of holder, ahead int) (all []document, err error) {
	g := getting{objectCall: c, selected: selectionOf(documentFields)}
	for batch := range slices.Chunk(ids, maxIDs) {
		found, err := g.fetch(batch)
		if err != nil {
			return nil, err
		}
		for _, i := range batch {
			d := document{id: i, missing: &missingError{missing: 1, of: 1, what: "docu " + i.String()}}
			if row, ok := found[i]; ok {
				d = documentIn(i, row)
			} else if g.refused != nil && len(ids) == 1 {
				d.missing = g.refused
			}
			all = append(all, d)
		}
	}
	if ids != nil {
		return all, nil
	}
	params := []objects.Param{{Key: "docObjCode", Value: of.object.Code}, {Key: "objID", Value: of.id.String()}}
	r, err := c.request(objects.Search, "", params, g.selected.params())
	if err != nil {
		return nil, err
	}
	for page, err := range c.client.Pages(c.ctx, r, workfront.Walk{Ahead: ahead}) {
		if err != nil {
			return nil, err
		}
		for _, row := range page {
			i, err := parseID(output.Text(output.Member(row, "ID")))
			if err != nil {
				return nil, fmt.Errorf("the list of documents: an ID: %w", err)
			}
			all = append(all, documentIn(i, row))
		}
	}
	if len(all) == 0 {
		return nil, c.there(of)
	}
	return all, nil
}

// documentIn reads a document as Workfront shows it.
func documentIn(i id, row jsontext.Value) document {
	version := output.Member(row, "currentVersion")
	d := document{
		id: i, key: i.String(), name: output.Text(output.Member(row, "name")), fileName: output.Text(output.Member(version, "fileName")),
		url: output.Text(output.Member(row, "downloadURL")),
	}
	if v, err := parseID(output.Text(output.Member(version, "ID"))); err == nil {
		d.key = v.String()
	}
	if size, err := strconv.ParseInt(output.Text(output.Member(version, "docSize")), 10, 64); err == nil && size > 0 {
		d.size = size
	}
	if d.url == "" {
		d.missing = errors.New("there is no file of it to download")
	}
	return d
}

// sizeOf is how many bytes they have in all, as far as that is known.
func sizeOf(documents []document) (total int64) {
	for _, d := range documents {
		total += d.size
	}
	return total
}

// place is where downloads go.
type place struct {
	folder string // empty: not into one
	file   string // one that is replaced
	stream string // what is written to as it is: - for stdout, or a device
	opened *output.Folder
}

// placeOf reads --out. What cannot be written to is found out before anything is asked for, but for a folder that is to be made.
func placeOf(cmd *cobra.Command, out string) (*place, error) {
	info, err := os.Stat(out)
	p := &place{}
	switch {
	case out == "-":
		p.stream = out
		return p, nil
	case cmd.Flag("out").Changed && out == "":
		return nil, usagef(cmd.CommandPath()+" --help", "--out: the name of a folder or a file is wanted")
	case out == "":
		p.folder = "."
	case os.IsPathSeparator(out[len(out)-1]):
		p.folder = out
		if errors.Is(err, fs.ErrNotExist) {
			return p, nil
		}
	case err == nil && info.IsDir():
		p.folder = out
	case err == nil && !info.Mode().IsRegular():
		p.stream = out
		return p, nil
	default:
		p.file = out
	}
	return p, p.open()
}

// holds says whether so many documents have room there.
func (p *place) holds(n int, cmd *cobra.Command) error {
	switch {
	case n == 1 || p.folder != "":
		return nil
	case p.file != "":
		return usagef(cmd.CommandPath()+" --help", "--out %s: there are %d documents, and this is one file; %s/ is a folder", p.file, n, p.file)
	}
	return usagef(cmd.CommandPath()+" --help", "--out %s: there are %d documents, and it takes one", p.stream, n)
}

// open makes the folder, if it has to be made, and looks at it.
func (p *place) open() (err error) {
	switch {
	case p.opened != nil || p.stream != "":
		return nil
	case p.file != "":
		p.opened, err = output.OpenFolderOf(p.file)
	default:
		if err = os.MkdirAll(filepath.Clean(p.folder), 0o777); err == nil { //nolint:gosec // as mkdir, less what the user's mask says
			p.opened, err = output.OpenFolder(filepath.Clean(p.folder))
		}
	}
	if err != nil {
		return usagef("", "--out: %v", err)
	}
	return nil
}
