// Applies a file of manifests with fluxcd/pkg/ssa, as a yardstick for module manifests.
//
//	flux KUBECONFIG CONTEXT FILE apply|diff
//
// It prints the seconds from the first request to the last, so that a process' start is not in the figure.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(kubeconfig, contextName, file, verb string) error {
	manager, err := connect(kubeconfig, contextName)
	if err != nil {
		return err
	}
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	objects, err := utils.ReadObjects(opened)
	if err != nil {
		return err
	}
	started := time.Now()
	if verb == "diff" {
		err = diff(manager, objects)
	} else {
		_, err = manager.ApplyAllStaged(context.Background(), objects, ssa.DefaultApplyOptions())
	}
	fmt.Printf("%.3f\n", time.Since(started).Seconds())
	return err
}

func diff(manager *ssa.ResourceManager, objects []*unstructured.Unstructured) error {
	for _, object := range objects {
		if _, _, _, err := manager.Diff(context.Background(), object, ssa.DefaultDiffOptions()); err != nil {
			return err
		}
	}
	return nil
}

func connect(kubeconfig, contextName string) (*ssa.ResourceManager, error) {
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: contextName}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 1000, 1000
	kubernetes, err := client.New(config, client.Options{})
	if err != nil {
		return nil, err
	}
	poller := polling.NewStatusPoller(kubernetes, kubernetes.RESTMapper(), polling.Options{})
	return ssa.NewResourceManager(kubernetes, poller, ssa.Owner{Field: "flux", Group: "benchmark"}), nil
}
