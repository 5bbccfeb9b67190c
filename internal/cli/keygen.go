package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/wfauth/wfauth/internal/auth"
)

func newKeygenCmd(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "keygen --out DIR",
		Short: "Make a key pair for the jwt flow",
		Long: `Write private.key (RSA 2048, PKCS#8, readable by you alone) and certificate_pub.crt (self-signed X.509) into a folder.
Nothing that is there is overwritten. The certificate is for Workfront, the key stays here.`,
		Example: "  wfauth keygen --out ~/.config/wfauth/keys",
		Args:    atMostArgs(0),
		RunE:    func(*cobra.Command, []string) error { return a.keygen(out) },
	}
	cmd.Flags().StringVar(&out, "out", "", "the `DIR` to write to")
	return cmd
}

func (a *app) keygen(dir string) error {
	if dir == "" {
		return usagef("wfauth keygen --out .", "--out is missing")
	}
	private, certificate := filepath.Join(dir, "private.key"), filepath.Join(dir, "certificate_pub.crt")
	for _, path := range [...]string{private, certificate} {
		switch _, err := os.Lstat(path); {
		case err == nil:
			return usagef("wfauth keygen --out OTHER-DIR", "%s is there already, and is not overwritten", path)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	keyPEM, certificatePEM, err := auth.GenerateKey(time.Now(), "wfauth")
	if err != nil {
		return err
	}
	if err := writeNew(private, keyPEM, 0o600); err != nil {
		return err
	}
	if err := writeNew(certificate, certificatePEM, 0o644); err != nil {
		return errors.Join(err, os.Remove(private)) // a key without its certificate is of no use
	}
	a.say(fmt.Sprintf("wrote %s, which stays on this machine, and %s", private, certificate))
	a.say("upload the certificate in Workfront: Setup > System > OAuth2 Applications > your Machine to Machine application > Public keys")
	a.say("then: wfauth login HOST --flow jwt --client-id ID --client-secret-stdin --customer-id ID --user-id ID --key " + private)
	return nil
}

// writeNew writes a file that was not there; O_EXCL, so that a link cannot lead it elsewhere.
func writeNew(path string, data []byte, mode os.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}
