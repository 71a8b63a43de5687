/* late_hdf5 - HDF5, loaded when it is needed. */
#include "host/late_library.h"

#include <hdf5.h>
#include <stdbool.h>

#define SVI_LATE_LIBRARY SVI_LATE_HDF5

/* What HDF5's own macros call H5open() before they read. */
#define VARIABLES(row)                                                                                                             \
    row(H5T_NATIVE_UINT64_g) row(H5T_NATIVE_DOUBLE_g) row(H5T_IEEE_F32LE_g) row(H5T_IEEE_F64LE_g) row(H5T_STD_I8LE_g)              \
        row(H5T_STD_I16LE_g) row(H5T_STD_I32LE_g) row(H5T_STD_U8LE_g) row(H5T_STD_U16LE_g) row(H5T_STD_U32LE_g)                    \
            row(H5P_CLS_FILE_ACCESS_ID_g) row(H5P_CLS_DATASET_ACCESS_ID_g)

#define DEFINE(name) hid_t name;
VARIABLES(DEFINE)
#undef DEFINE

static void read_variable(const char *name, hid_t *into)
{
    _Atomic(void *) found = NULL;
    *into = *(const hid_t *)svi_late_address(SVI_LATE_LIBRARY, name, &found);
}

herr_t H5open(void)
{
    static bool known; /* HDF5 is called by one thread at a time */
    herr_t (*function)(void);
    SVI_LATE_FIND(H5open, function);
    const herr_t code = function();
    if (code < 0 || known)
        return code;
#define READ(name) read_variable(#name, &(name));
    VARIABLES(READ)
#undef READ
    known = true;
    return code;
}

SVI_LATE(herr_t, H5Aclose, (hid_t attr_id), (attr_id))
SVI_LATE(htri_t, H5Aexists, (hid_t obj_id, const char *attr_name), (obj_id, attr_name))
SVI_LATE(hid_t, H5Aget_space, (hid_t attr_id), (attr_id))
SVI_LATE(hid_t, H5Aget_type, (hid_t attr_id), (attr_id))
SVI_LATE(hid_t, H5Aopen, (hid_t obj_id, const char *attr_name, hid_t aapl_id), (obj_id, attr_name, aapl_id))
SVI_LATE(herr_t, H5Aread, (hid_t attr_id, hid_t type_id, void *buf), (attr_id, type_id, buf))
SVI_LATE(herr_t, H5Dclose, (hid_t dset_id), (dset_id))
SVI_LATE(hid_t, H5Dget_create_plist, (hid_t dset_id), (dset_id))
SVI_LATE(haddr_t, H5Dget_offset, (hid_t dset_id), (dset_id))
SVI_LATE(hid_t, H5Dget_space, (hid_t dset_id), (dset_id))
SVI_LATE(hsize_t, H5Dget_storage_size, (hid_t dset_id), (dset_id))
SVI_LATE(hid_t, H5Dget_type, (hid_t dset_id), (dset_id))
SVI_LATE(hid_t, H5Dopen2, (hid_t loc_id, const char *name, hid_t dapl_id), (loc_id, name, dapl_id))
SVI_LATE(herr_t, H5Dread, (hid_t dset_id, hid_t mem_type_id, hid_t mem_space_id, hid_t file_space_id, hid_t dxpl_id, void *buf),
         (dset_id, mem_type_id, mem_space_id, file_space_id, dxpl_id, buf))
SVI_LATE(herr_t, H5Eset_auto2, (hid_t estack_id, H5E_auto2_t func, void *client_data), (estack_id, func, client_data))
SVI_LATE(herr_t, H5Fclose, (hid_t file_id), (file_id))
SVI_LATE(hid_t, H5Fget_create_plist, (hid_t file_id), (file_id))
SVI_LATE(hid_t, H5Fopen, (const char *filename, unsigned flags, hid_t fapl_id), (filename, flags, fapl_id))
SVI_LATE(herr_t, H5Gclose, (hid_t group_id), (group_id))
SVI_LATE(hid_t, H5Gopen2, (hid_t loc_id, const char *name, hid_t gapl_id), (loc_id, name, gapl_id))
SVI_LATE(htri_t, H5Lexists, (hid_t loc_id, const char *name, hid_t lapl_id), (loc_id, name, lapl_id))
SVI_LATE(herr_t, H5Lget_info, (hid_t loc_id, const char *name, H5L_info_t *linfo, hid_t lapl_id), (loc_id, name, linfo, lapl_id))
SVI_LATE(herr_t, H5Literate,
         (hid_t grp_id, H5_index_t idx_type, H5_iter_order_t order, hsize_t *idx, H5L_iterate_t op, void *op_data),
         (grp_id, idx_type, order, idx, op, op_data))
SVI_LATE(herr_t, H5PLset_loading_state, (unsigned int plugin_control_mask), (plugin_control_mask))
SVI_LATE(herr_t, H5Pclose, (hid_t plist_id), (plist_id))
SVI_LATE(hid_t, H5Pcreate, (hid_t cls_id), (cls_id))
SVI_LATE(int, H5Pget_chunk, (hid_t plist_id, int max_ndims, hsize_t dim[]), (plist_id, max_ndims, dim))
SVI_LATE(int, H5Pget_external_count, (hid_t plist_id), (plist_id))
SVI_LATE(H5Z_filter_t, H5Pget_filter2,
         (hid_t plist_id, unsigned idx, unsigned int *flags, size_t *cd_nelmts, unsigned cd_values[], size_t namelen, char name[],
          unsigned *filter_config),
         (plist_id, idx, flags, cd_nelmts, cd_values, namelen, name, filter_config))
SVI_LATE(H5D_layout_t, H5Pget_layout, (hid_t plist_id), (plist_id))
SVI_LATE(int, H5Pget_nfilters, (hid_t plist_id), (plist_id))
SVI_LATE(herr_t, H5Pget_userblock, (hid_t plist_id, hsize_t *size), (plist_id, size))
SVI_LATE(herr_t, H5Pset_chunk_cache, (hid_t dapl_id, size_t rdcc_nslots, size_t rdcc_nbytes, double rdcc_w0),
         (dapl_id, rdcc_nslots, rdcc_nbytes, rdcc_w0))
SVI_LATE(herr_t, H5Pset_fclose_degree, (hid_t fapl_id, H5F_close_degree_t degree), (fapl_id, degree))
SVI_LATE(herr_t, H5Pset_file_locking, (hid_t fapl_id, hbool_t use_file_locking, hbool_t ignore_when_disabled),
         (fapl_id, use_file_locking, ignore_when_disabled))
SVI_LATE(herr_t, H5Pset_sieve_buf_size, (hid_t fapl_id, size_t size), (fapl_id, size))
SVI_LATE(herr_t, H5Sclose, (hid_t space_id), (space_id))
SVI_LATE(hid_t, H5Screate_simple, (int rank, const hsize_t dims[], const hsize_t maxdims[]), (rank, dims, maxdims))
SVI_LATE(int, H5Sget_simple_extent_dims, (hid_t space_id, hsize_t dims[], hsize_t maxdims[]), (space_id, dims, maxdims))
SVI_LATE(int, H5Sget_simple_extent_ndims, (hid_t space_id), (space_id))
SVI_LATE(hssize_t, H5Sget_simple_extent_npoints, (hid_t space_id), (space_id))
SVI_LATE(herr_t, H5Sselect_hyperslab,
         (hid_t space_id, H5S_seloper_t op, const hsize_t start[], const hsize_t stride[], const hsize_t count[],
          const hsize_t block[]),
         (space_id, op, start, stride, count, block))
SVI_LATE(herr_t, H5Tclose, (hid_t type_id), (type_id))
SVI_LATE(hid_t, H5Tcopy, (hid_t type_id), (type_id))
SVI_LATE(hid_t, H5Tcreate, (H5T_class_t type, size_t size), (type, size))
SVI_LATE(htri_t, H5Tequal, (hid_t type1_id, hid_t type2_id), (type1_id, type2_id))
SVI_LATE(H5T_class_t, H5Tget_class, (hid_t type_id), (type_id))
SVI_LATE(int, H5Tget_member_index, (hid_t type_id, const char *name), (type_id, name))
SVI_LATE(hid_t, H5Tget_member_type, (hid_t type_id, unsigned membno), (type_id, membno))
SVI_LATE(int, H5Tget_nmembers, (hid_t type_id), (type_id))
SVI_LATE(H5T_sign_t, H5Tget_sign, (hid_t type_id), (type_id))
SVI_LATE(size_t, H5Tget_size, (hid_t type_id), (type_id))
SVI_LATE(herr_t, H5Tinsert, (hid_t parent_id, const char *name, size_t offset, hid_t member_id),
         (parent_id, name, offset, member_id))
SVI_LATE(htri_t, H5Zfilter_avail, (H5Z_filter_t id), (id))
SVI_LATE(herr_t, H5check_version, (unsigned majnum, unsigned minnum, unsigned relnum), (majnum, minnum, relnum))
SVI_LATE(herr_t, H5get_libversion, (unsigned *majnum, unsigned *minnum, unsigned *relnum), (majnum, minnum, relnum))
