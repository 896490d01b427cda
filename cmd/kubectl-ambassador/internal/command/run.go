package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/proxy"
	"github.com/ambassador-operator/ambassador-operator/proxy/config"
)

// options are the flags of run.
type options struct {
	files   []string
	secrets []string
	proxy   proxy.Options
}

func newRun(version string) *cobra.Command {
	o := &options{proxy: proxy.Options{Version: version}}
	command := &cobra.Command{
		Use:   "run -f FILE [--secret NAME=FOLDER | --secret NAME:KEY=@FILE]",
		Short: "Run the sidecar on this computer",
		Long: "Run the sidecar's own code on this computer from the same YAML, until interrupted, with all Ambassadors of the files\n" +
			"on localhost; those of the same port are one interface. Secrets are given by --secret; a folder is watched, as in a\n" +
			"Pod, and a new value is used from the next request on. Log settings are those of the first Ambassador.",
		Example: "  kubectl ambassador run -f themoviedb.yaml --secret themoviedb:apikey=@key.txt\n" +
			"  curl localhost:8080/movies\n" +
			"  kubectl ambassador run -f themoviedb.yaml --secret themoviedb=./secrets/themoviedb",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.proxy.Log = cmd.ErrOrStderr()
			return o.run(cmd.Context(), cmd.InOrStdin(), cmd.ErrOrStderr())
		},
	}
	flags := command.Flags()
	flags.StringArrayVarP(&o.files, "filename", "f", nil, "file with Ambassadors, YAML or JSON; - is standard input; may be given again")
	flags.StringArrayVar(&o.secrets, "secret", nil, "a Secret: NAME=FOLDER with one file a key, NAME:KEY=@FILE, or NAME:KEY=VALUE, which other users\n"+
		"of this computer can see in the list of processes; may be given again")
	flags.StringVar(&o.proxy.AdminAddress, "admin", "127.0.0.1:15901", "where to serve health, metrics and status; empty: nowhere")
	flags.DurationVar(&o.proxy.Grace, "grace", 5*time.Second, "how long requests in flight may take after an interrupt")
	return command
}

func (o *options) run(ctx context.Context, stdin io.Reader, stderr io.Writer) (err error) {
	all, err := load(ctx, o.files, stdin, "")
	if err != nil {
		return err
	}
	document, err := all.together()
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "kubectl-ambassador-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := o.lay(folder, document); err != nil {
		return err
	}
	warn(stderr, o.proxy.CredentialsFolder, document)
	for _, note := range all.notes {
		fmt.Fprintln(stderr, "warning:", note)
	}
	for i := range document.Ambassadors {
		a := &document.Ambassadors[i]
		fmt.Fprintf(stderr, "%s: http://localhost:%d -> %s\n", a.Name, a.Port, a.Upstream.URL)
	}
	return proxy.Run(ctx, o.proxy)
}

// lay writes the document and the Secrets into the folder, which nobody else can read.
func (o *options) lay(folder string, document *config.Document) error {
	o.proxy.ConfigFile = filepath.Join(folder, "config", build.ConfigKey)
	o.proxy.CredentialsFolder = filepath.Join(folder, "credentials")
	for _, folder := range []string{filepath.Dir(o.proxy.ConfigFile), o.proxy.CredentialsFolder} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			return err
		}
	}
	if err := o.layDocument(document); err != nil {
		return err
	}
	known := namesOf(build.Secrets(document))
	var errs []error
	for _, text := range o.secrets {
		given, err := parseSecret(text)
		if err == nil && !slices.Contains(known, given.secret) {
			err = fmt.Errorf("--secret %s: nothing refers to that Secret; the files refer to %s", given.secret, orNone(known))
		}
		if err == nil {
			err = given.lay(o.proxy.CredentialsFolder)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (o *options) layDocument(document *config.Document) error {
	text, err := document.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(o.proxy.ConfigFile, text, 0o600)
}

func namesOf(secrets []build.Secret) []string {
	var names []string
	for _, secret := range secrets {
		names = append(names, secret.Name)
	}
	return names
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// warn names the keys that were not given. The sidecar runs without them and answers 503, as in a Pod.
func warn(stderr io.Writer, credentials string, document *config.Document) {
	for _, secret := range build.Secrets(document) {
		for _, key := range secret.Keys {
			_, err := os.Stat(filepath.Join(credentials, secret.Name, key))
			if err != nil && key != config.BindingKey {
				fmt.Fprintf(stderr, "warning: key %s of Secret %s is missing, and calls that need it are answered 503; give it with --secret %s:%s=@FILE\n",
					key, secret.Name, secret.Name, key)
			}
		}
	}
}
